"""The grammar of expressions, and the one fold that gives a tree its meaning.

An expression such as ``2 + 0.5*x - 0.05*x**2`` comes from a configuration file, so it is data
from outside. `parse` reads it with Python's `ast` against a whitelist and builds a tree of three
kinds of node; nothing is ever compiled or executed. `as_function` folds the tree over an
`Arithmetic`: floats, tensors, symbols, JAX's arrays, balls of certified arithmetic. A function that
an arithmetic lacks is folded as its definition says. Long sums are folded in loops, not nested.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from autodiff_pipeline.expressions.functions import DEFINITIONS, FUNCTIONS, SIGNATURES
from autodiff_pipeline.expressions.parsing import OPERATORS, parse, shortened
from autodiff_pipeline.expressions.tree import (
    NAMED_CONSTANTS,
    Constant,
    Expression,
    ExpressionError,
    Name,
    Operation,
    chain,
    nodes,
    substituted,
)

__all__ = [
    "FUNCTIONS",
    "OPERATORS",
    "Arithmetic",
    "Constant",
    "Expression",
    "ExpressionError",
    "Name",
    "Operation",
    "as_function",
    "chain",
    "definition",
    "function_named",
    "in_primitives",
    "nodes",
    "operations_of",
    "parse",
    "shortened",
]

MAXIMUM_PRIMITIVES = 5_000  # nodes of an expression written in primitives


class Arithmetic(NamedTuple):
    """What the nodes of an expression mean: one entry per operation, and how constants enter.

    The entry ``where`` is given its last two arguments as functions without arguments, so that it
    need not compute the branch that is not taken.
    """

    constant: Callable[[Fraction], Any]
    names: Mapping[str, Any]
    operations: Mapping[str, Callable[..., Any]]


_DEFINITIONS = {text.split("(")[0]: body for text, body in DEFINITIONS.items()}


@cache
def definition(name: str) -> Expression | None:
    """What a function means: an expression in its arguments; None for a primitive."""
    if name not in _DEFINITIONS:
        return None
    return parse(_DEFINITIONS[name], SIGNATURES[name].arguments)


def in_primitives(expression: Expression) -> Expression:
    """The same expression with every defined function replaced by its definition.

    Raises ExpressionError where it would have more than MAXIMUM_PRIMITIVES nodes.
    """
    expanded = _expanded(expression)
    if any(islice(nodes(expanded), MAXIMUM_PRIMITIVES, None)):
        raise ExpressionError(
            f"the expression has more than {MAXIMUM_PRIMITIVES} nodes, written in primitives"
        )
    return expanded


def _expanded(expression: Expression) -> Expression:
    first, following = chain(expression)
    if isinstance(first, Operation):
        first = _defined(first.name, tuple(map(_expanded, first.arguments)))
    for name, operand in following:
        first = _defined(name, (first, _expanded(operand)))
    return first


def _defined(name: str, arguments: tuple[Expression, ...]) -> Expression:
    body = _expanded_definition(name)
    if body is None:
        return Operation(name, arguments)
    given = dict(zip(SIGNATURES[name].arguments, arguments, strict=False))
    return substituted(body, {**_defaults(name, Constant), **given})


@cache
def _expanded_definition(name: str) -> Expression | None:
    body = definition(name)
    return None if body is None else _expanded(body)


def _defaults(name: str, constant: Callable[[Fraction], Any]) -> dict[str, Any]:
    signature = SIGNATURES[name]
    parameters = signature.arguments[signature.required :]
    return dict(zip(parameters, map(constant, signature.defaults), strict=True))


def operations_of(expression: Expression) -> frozenset[str]:
    """The names of all operations in an expression, and in the definitions of its functions."""
    names = {node.name for node in nodes(expression) if isinstance(node, Operation)}
    return frozenset().union(*map(_operations_in, names))


@cache
def _operations_in(name: str) -> frozenset[str]:
    body = definition(name)
    return frozenset([name]).union(operations_of(body) if body else ())


def as_function(expression: Expression, arithmetic: Arithmetic) -> Callable[[Any], Any]:
    """The expression as a function of the value of ``x``: a fold over an arithmetic.

    The fold is done once, so that a call does nothing but the arithmetic.

    Raises ExpressionError where the arithmetic lacks a primitive.
    """
    folded = _fold(expression, arithmetic)
    return lambda x: folded({"x": x})


def function_named(name: str, arithmetic: Arithmetic) -> Callable[..., Any]:
    """A function of the grammar, applied to values: the arithmetic's own, or its definition.

    Raises ExpressionError where the arithmetic has neither.
    """
    if name in arithmetic.operations:
        return arithmetic.operations[name]
    body = definition(name)
    if body is None:
        raise ExpressionError(f"there is no {name} in this arithmetic")
    folded = _fold(body, arithmetic)
    names, defaults = SIGNATURES[name].arguments, _defaults(name, arithmetic.constant)
    return lambda *values: folded({**defaults, **dict(zip(names, values, strict=False))})


_Folded = Callable[[Mapping[str, Any]], Any]


def _fold(expression: Expression, arithmetic: Arithmetic) -> _Folded:
    first, following = chain(expression)
    start = _fold_one(first, arithmetic)
    if not following:
        return start
    links = [
        (function_named(name, arithmetic), _fold(operand, arithmetic))
        for name, operand in following
    ]

    def of_chain(values: Mapping[str, Any]) -> Any:
        value = start(values)
        for operation, operand in links:
            value = operation(value, operand(values))
        return value

    return of_chain


def _fold_one(expression: Expression, arithmetic: Arithmetic) -> _Folded:
    """As `_fold`, for an expression that is not a chain."""
    match expression:
        case Constant(value):
            constant = arithmetic.constant(value)
            return lambda values: constant
        case Name(name) if name in NAMED_CONSTANTS:
            named = arithmetic.names[name]
            return lambda values: named
        case Name(name):
            return lambda values: values[name]
        case Operation("where", arguments):
            where = arithmetic.operations["where"]
            a, b, then, otherwise = (_fold(each, arithmetic) for each in arguments)
            return lambda values: where(
                a(values), b(values), lambda: then(values), lambda: otherwise(values)
            )
        case Operation(name, (argument,)):
            unary, inner = function_named(name, arithmetic), _fold(argument, arithmetic)
            return lambda values: unary(inner(values))
        case Operation(name, arguments):
            function = function_named(name, arithmetic)
            folded = [_fold(argument, arithmetic) for argument in arguments]
            return lambda values: function(*(each(values) for each in folded))
    raise TypeError(f"{expression!r} is not an expression")
