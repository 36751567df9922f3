"""The slopes of a function on both sides of a kink. Imports no torch."""

from fractions import Fraction

from flint import arb

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.truth.values import certified_values

_BESIDE = Fraction(1, 2**2000)  # so near that the slope there is the one-sided derivative ...
_FARTHER = Fraction(1, 2**1900)  # ... if it is the same here
_SAME = 2.0**-600  # relative to 1 or to the number, whichever is larger
_PRECISION = 4096  # bits: to tell x + _BESIDE from x takes 3024


def one_sided_derivatives(expression: Expression, x: float) -> tuple[float, float]:
    """The derivatives to the left and to the right of x.

    x means the decimal number that it prints as, like the constants of an expression: the kink of
    abs(x - 0.1) is at 1/10, which is not a floating-point number.

    Raises ValueError where the expression is smooth at x, is not continuous there, or lacks one
    of them.
    """
    kink = Fraction(repr(x))
    beside = [kink + step for step in (-_BESIDE, -_FARTHER, _BESIDE, _FARTHER)]
    (here,) = derivative_balls(expression, [kink], 1, _PRECISION)
    if all(ball.is_finite() for ball in here):
        raise ValueError("it is smooth there")
    rows = derivative_balls(expression, beside, 1, _PRECISION)
    values, slopes = [row[0] for row in rows], [row[1] for row in rows]
    (at_kink,) = certified_values(expression, [kink])
    is_continuous = (
        all(_are_same(values[0], other) for other in values[1:])
        and at_kink is not None
        and at_kink.overlaps(arb(values[0].mid(), 2.0**-100 * max(1.0, abs(values[0].mid()))))
    )
    if not (is_continuous and _are_same(*slopes[:2]) and _are_same(*slopes[2:])):
        raise ValueError(f"it is not continuous at x = {x:g} with a slope on either side")
    return float(slopes[0]), float(slopes[2])


def _are_same(a: Ball, b: Ball) -> bool:
    largest = max(1.0, abs(a), abs(b))
    return bool(abs(a - b) < _SAME * largest)
