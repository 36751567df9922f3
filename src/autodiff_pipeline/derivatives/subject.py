"""What is examined: a function in its several forms, and the ways to its derivatives."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from autodiff_pipeline.expressions.grammar import Expression

Elementwise = Callable[[Tensor], Tensor]


class Subject(NamedTuple):
    """A function whose derivatives are examined."""

    name: str
    function: Elementwise
    expression: Expression  # what the function means
    formula: Expression | None  # differentiated by the method `formula`; None for an operator
    stable: Elementwise | None  # the same function with hand-written, stable rules


class Unavailable(Exception):  # noqa: N818 (not an error: an entry of the table)
    """Why a method cannot give this derivative, in words fit for a table."""


# (subject, order, x) -> the derivative of that order at every element of x, in x's dtype
Method = Callable[[Subject, int, Tensor], Tensor]
