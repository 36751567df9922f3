"""The tree of an expression: three kinds of node.

A sum of many terms leans to the left, ``((a + b) + c) + d``, and so does a product: a chain, not a
nesting. Chains are read, folded and compared in loops (`chain`), so they may be as long as the
text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

NAMED_CONSTANTS = ("pi", "e")


class ExpressionError(ValueError):
    """An expression that cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class Constant:
    """An exact number: ``0.05`` is the rational 1/20, not its nearest double."""

    value: Fraction


@dataclass(frozen=True)
class Name:
    """The variable ``x`` or a named constant (``pi``, ``e``); an argument, in a definition."""

    name: str


@dataclass(frozen=True, eq=False)
class Operation:
    """An operator or a function applied to its arguments.

    ``where`` has four: it is the third where the first is less than the second, else the fourth.
    """

    name: str
    arguments: tuple["Expression", ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Operation) and _listed(self) == _listed(other)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(_listed(self))


Expression = Constant | Name | Operation


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
    """The nodes, each with its number of arguments; these tell any two expressions apart."""
    return tuple(
        (node.name, len(node.arguments)) if isinstance(node, Operation) else node
        for node in nodes(expression)
    )


def contains_x(expression: Expression) -> bool:
    """Whether ``x`` occurs in the expression."""
    return Name("x") in nodes(expression)


def substituted(expression: Expression, values: Mapping[str, Expression]) -> Expression:
    """The expression with names replaced by other expressions."""
    match expression:
        case Name(name):
            return values.get(name, expression)
        case Operation(name, arguments):
            return Operation(name, tuple(substituted(each, values) for each in arguments))
    return expression
