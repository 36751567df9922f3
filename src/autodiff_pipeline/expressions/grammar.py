"""The grammar of expressions: text to tree, and the one fold that gives a tree its meaning.

An expression such as ``2 + 0.5*x - 0.05*x**2`` comes from a configuration file, so it is data
from outside. `parse` reads it with Python's `ast` against a whitelist and builds a tree of three
kinds of node; nothing is ever compiled or executed. `as_function` folds the tree over an
`Arithmetic`: floats, tensors, symbols, balls of certified arithmetic.

A sum of many terms leans to the left, ``((a + b) + c) + d``, and so does a product: a chain, not a
nesting. Chains are read and folded in loops (`chain`), so they may be as long as the text.
"""

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import Any, NamedTuple

MAXIMUM_LENGTH = 1000  # characters; far beyond any formula
MAXIMUM_DEPTH = 50  # levels of nesting; far below Python's recursion limit
SHOWN = 60  # characters of a text in a sentence

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
_CHAINED: tuple[tuple[type[ast.AST], ...], ...] = ((ast.Add, ast.Sub), (ast.Mult, ast.Div))


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


@dataclass(frozen=True, eq=False)
class Operation:
    """An operator or a function applied to its arguments."""

    name: str
    arguments: tuple["Expression", ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Operation) and _listed(self) == _listed(other)

    def __hash__(self) -> int:
        return hash(_listed(self))


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
    text = text.strip()
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        reason = getattr(error, "msg", None) or "it cannot be read"
        raise ExpressionError(
            f"'{shortened(text)}' is not an expression ({reason}); "
            "write one such as 2 + 0.5*x - 0.05*x**2"
        ) from None
    return _build(tree, text, MAXIMUM_DEPTH)


def shortened(text: str) -> str:
    """A text on one line, and of a long one the beginning and the end."""
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 20]} ... {line[-15:]}"


def _build(node: ast.AST, text: str, depth: int) -> Expression:
    shown = shortened(text)
    if depth == 0:
        raise ExpressionError(f"'{shown}' is nested deeper than {MAXIMUM_DEPTH} levels")
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return Constant(_exact(value, shown))
        case ast.Name(id=name):
            if name == "x" or name in NAMED_CONSTANTS:
                return Name(name)
            raise ExpressionError(
                f"'{shown}' uses the unknown name '{shortened(name)}'{_suggestion(name)}"
            )
        case ast.BinOp(op=operator) if type(operator) in OPERATORS:
            first, links = _links(node)
            built = _build(first, text, depth - 1)
            for name, operand in links:
                built = Operation(name, (built, _build(operand, text, depth - 1)))
            return built
        case ast.BinOp(op=ast.BitXor()):
            raise ExpressionError(f"'{shown}' uses ^; write powers as x**2")
        case ast.UnaryOp(op=operator, operand=operand) if type(operator) in OPERATORS:
            return Operation(OPERATORS[type(operator)], (_build(operand, text, depth - 1),))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in FUNCTIONS:
            return Operation(name, (_build(argument, text, depth - 1),))
        case ast.Call(func=ast.Name(id=name)) if name in FUNCTIONS:
            raise ExpressionError(f"'{shown}' calls {name} with other than one argument")
        case ast.Call(func=ast.Name(id=name)):
            raise ExpressionError(
                f"'{shown}' calls the unknown '{shortened(name)}'{_suggestion(name)}"
            )
    part = shortened(ast.get_source_segment(text, node) or "")
    raise ExpressionError(
        f"'{shown}' contains '{part}', which is not allowed; "
        "use numbers, x, + - * / **, parentheses and known functions"
    )


def _links(node: ast.BinOp) -> tuple[ast.expr, list[tuple[str, ast.expr]]]:
    """The first operand of a chain of + and -, or of * and /, and what follows it."""
    chained = next((kinds for kinds in _CHAINED if isinstance(node.op, kinds)), ())
    links = [(OPERATORS[type(node.op)], node.right)]
    first = node.left
    while isinstance(first, ast.BinOp) and isinstance(first.op, chained):
        links.append((OPERATORS[type(first.op)], first.right))
        first = first.left
    return first, links[::-1]


def _exact(value: float, shown: str) -> Fraction:
    try:
        return Fraction(repr(value))
    except ValueError:
        raise ExpressionError(f"'{shown}' contains a number too large for a double") from None


def _suggestion(name: str) -> str:
    close = get_close_matches(name, ["x", *NAMED_CONSTANTS, *FUNCTIONS], n=1)
    known = ", ".join(FUNCTIONS)
    return f"; did you mean '{close[0]}'?" if close else f"; use x, pi, e or one of {known}"


def chain(expression: Expression) -> tuple[Expression, list[tuple[str, Expression]]]:
    """An expression as a first operand, and the operators and operands that follow it.

    Down the left of operators with two operands: ``a + b*c - d`` is a, then + b*c, then - d. Folds
    go along a chain in a loop, where recursion would be as deep as the chain is long.
    """
    links = []
    while isinstance(expression, Operation) and len(expression.arguments) == 2:
        name, (expression, operand) = expression.name, expression.arguments
        links.append((name, operand))
    return expression, links[::-1]


def nodes(expression: Expression) -> Iterator[Expression]:
    """All nodes of an expression, itself included."""
    pending = [expression]
    while pending:
        node = pending.pop()
        yield node
        if isinstance(node, Operation):
            pending.extend(node.arguments)


def _listed(expression: Expression) -> tuple[Any, ...]:
    """The nodes, each with how many arguments it has: no two expressions have the same."""
    return tuple(
        (node.name, len(node.arguments)) if isinstance(node, Operation) else node
        for node in nodes(expression)
    )


def as_function(expression: Expression, arithmetic: Arithmetic) -> Callable[[Any], Any]:
    """The expression as a function of the value of ``x``: a fold over an arithmetic.

    The fold is done once, so that a call does nothing but the arithmetic.
    """
    start, following = chain(expression)
    first = _of_one(start, arithmetic)
    if not following:
        return first
    links = [
        (arithmetic.operations[name], as_function(operand, arithmetic))
        for name, operand in following
    ]

    def of_chain(x: Any) -> Any:
        value = first(x)
        for operation, operand in links:
            value = operation(value, operand(x))
        return value

    return of_chain


def _of_one(expression: Expression, arithmetic: Arithmetic) -> Callable[[Any], Any]:
    """As `as_function`, of what is no chain."""
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
    raise TypeError(f"{expression!r} is no expression")
