"""Certified values of an expression at single points. Imports no torch."""

from collections.abc import Iterable
from fractions import Fraction

from flint import arb

from autodiff_pipeline.expressions.balls import BALLS, Point, arithmetic
from autodiff_pipeline.expressions.grammar import Expression, as_function
from autodiff_pipeline.expressions.power_series import (
    UNDECIDED,
    Ball,
    Undefined,
    working_precision,
)

PRECISIONS = (256, 4096)  # bits; the second where the first does not decide


def certified_values(expression: Expression, points: Iterable[Point]) -> list[Ball | None]:
    """A ball that contains the value at each point; None where the expression has none.

    A value requires no derivative: relu has a value at its kink, and sign at its jump. Nor is it a
    limit: sin(x)/x has no value at 0. Where 4096 bits do not decide, the ball is the whole line.
    """
    return [_value(expression, x) for x in points]


def _value(expression: Expression, x: Point) -> Ball | None:
    for precision in PRECISIONS:
        with working_precision(precision):
            try:
                value = as_function(expression, arithmetic())(
                    BALLS.constant(x) if isinstance(x, Fraction) else arb(x)
                )
            except Undefined as undefined:
                if str(undefined) == UNDECIDED:
                    continue
                return None
        if value.is_finite():
            return value
    return arb(0, float("inf"))
