"""The tree of an expression: three kinds of node."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

NAMED_CONSTANTS = ("pi", "e")


class ExpressionError(ValueError):
    """An expression that cannot be read, said in one sentence."""


@dataclass(frozen=True)
class Constant:
    """An exact number: ``0.05`` is the rational 1/20, not its nearest double."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    """The variable ``x`` or a named constant (``pi``, ``e``); an argument, in a definition."""

    name: str


@dataclass(frozen=True)
class Operation:
    """An operator or a function applied to its arguments.

    ``where`` has four: it is the third where the first is less than the second, else the fourth.
    """

    name: str
    arguments: tuple["Expression", ...]


Expression = Constant | Name | Operation


def contains_x(expression: Expression) -> bool:
    """Whether the expression depends on ``x``, by its letters."""
    match expression:
        case Operation(arguments=arguments):
            return any(map(contains_x, arguments))
        case Name("x"):
            return True
    return False


def substituted(expression: Expression, values: Mapping[str, Expression]) -> Expression:
    """The expression with names replaced by expressions."""
    match expression:
        case Name(name):
            return values.get(name, expression)
        case Operation(name, arguments):
            return Operation(name, tuple(substituted(each, values) for each in arguments))
    return expression
