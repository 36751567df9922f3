"""The grammar of expressions: text to tree, and the one fold that gives a tree its meaning.

An expression such as ``2 + 0.5*x - 0.05*x**2`` comes from a configuration file, so it is data
from outside. `parse` reads it with Python's `ast` against a whitelist and builds a tree of three
kinds of node; nothing is ever compiled or executed. `as_function` folds the tree over an
`Arithmetic`: floats, tensors, symbols, balls of certified arithmetic.
"""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NamedTuple

MAXIMUM_LENGTH = 1000  # characters; far beyond any formula, far below Python's recursion limit
MAXIMUM_DEPTH = 50  # levels of nesting

NAMED_CONSTANTS = ("pi", "e")
FUNCTIONS = (
    "abs acos acosh asin asinh atan atanh cos cosh erf erfc exp expm1 gelu log log1p relu sigmoid "
    "sign silu sin sinh softplus sqrt step tan tanh"
).split()
OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
    ast.USub: "negative",
    ast.UAdd: "positive",
}


class ExpressionError(ValueError):
    """An expression that cannot be read, said in one sentence."""


@dataclass(frozen=True)
class Constant:
    """An exact number: ``0.05`` is the rational 1/20, not its nearest double."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    """The variable ``x`` or a named constant (``pi``, ``e``)."""

    name: str


@dataclass(frozen=True)
class Operation:
    """An operator or a function applied to its arguments."""

    name: str
    arguments: tuple["Expression", ...]


Expression = Constant | Name | Operation


class Arithmetic(NamedTuple):
    """What the nodes of an expression mean: one entry an operation, and how constants enter."""

    constant: Callable[[Fraction], Any]
    names: Mapping[str, Any]
    operations: Mapping[str, Callable[..., Any]]


def parse(text: str) -> Expression:
    """Read an expression in ``x``.

    Raises ExpressionError, naming the text and what would be right, for anything outside the
    grammar: numbers, ``x``, ``pi``, ``e``, ``+ - * / **``, parentheses and the calls of FUNCTIONS.
    """
    if len(text) > MAXIMUM_LENGTH:
        raise ExpressionError(
            f"an expression of {len(text)} characters is too long; give {MAXIMUM_LENGTH} at most"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "it cannot be read"
        raise ExpressionError(
            f"'{text}' is not an expression ({reason}); write one such as 2 + 0.5*x - 0.05*x**2"
        ) from None
    return _build(tree, text, MAXIMUM_DEPTH)


def _build(node: ast.AST, text: str, depth: int) -> Expression:
    if depth == 0:
        raise ExpressionError(f"'{text}' is nested deeper than {MAXIMUM_DEPTH} levels")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return Constant(_exact(value, text))
        case ast.Name(id=name):
            if name == "x" or name in NAMED_CONSTANTS:
                return Name(name)
            raise ExpressionError(f"'{text}' uses the unknown name '{name}'{_suggestion(name)}")
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            operands = (_build(left, text, depth - 1), _build(right, text, depth - 1))
            return Operation(OPERATORS[type(operator)], operands)
        case ast.BinOp(op=ast.BitXor()):
            raise ExpressionError(f"'{text}' uses ^; write powers as x**2")
        case ast.UnaryOp(op=operator, operand=operand) if type(operator) in OPERATORS:
            return Operation(OPERATORS[type(operator)], (_build(operand, text, depth - 1),))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return Operation(name, (_build(argument, text, depth - 1),))
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            raise ExpressionError(f"'{text}' calls {name} with other than one argument")
        case ast.Call(func=ast.Name(id=name)):
            raise ExpressionError(f"'{text}' calls the unknown '{name}'{_suggestion(name)}")
    raise ExpressionError(
        f"'{text}' contains '{ast.unparse(node)}', which is not allowed; "
        "use numbers, x, + - * / **, parentheses and known functions"
    )


def _exact(value: float, text: str) -> Fraction:
    try:
        return Fraction(repr(value))
    except ValueError:
        raise ExpressionError(f"'{text}' contains a number too large for a double") from None


def _suggestion(name: str) -> str:
    close = get_close_matches(name, ["x", *NAMED_CONSTANTS, *FUNCTIONS], n=1)
    known = ", ".join(FUNCTIONS)
    return f"; did you mean '{close[0]}'?" if close else f"; use x, pi, e or one of {known}"


def as_function(expression: Expression, arithmetic: Arithmetic) -> Callable[[Any], Any]:
    """The expression as a function of the value of ``x``: a fold over an arithmetic.

    The fold is done once, so that a call does nothing but the arithmetic.
    """
    match expression:
        case Constant(value):
            constant = arithmetic.constant(value)
            return lambda x: constant
        case Name("x"):
            return lambda x: x
        case Name(name):
            named = arithmetic.names[name]
            return lambda x: named
        case Operation(name, (argument,)):
            unary, inner = arithmetic.operations[name], as_function(argument, arithmetic)
            return lambda x: unary(inner(x))
        case Operation(name, (first, second)):
            binary = arithmetic.operations[name]
            left, right = as_function(first, arithmetic), as_function(second, arithmetic)
            return lambda x: binary(left(x), right(x))
    raise TypeError(f"{expression!r} is no expression")
