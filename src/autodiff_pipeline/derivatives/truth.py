"""Certified truth: derivatives enclosed in balls, until each ball rounds to one number.

One pass of ball arithmetic gives all orders at a point. If the ball of some order still contains
numbers that round differently in the target format, the point is done again at twice the
precision, up to MAXIMUM_PRECISION bits. What is not certified by then is reported, not guessed.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from autodiff_pipeline.derivatives.ulp import Format, Truth
from autodiff_pipeline.expressions.balls import Ball, derivative_balls
from autodiff_pipeline.expressions.grammar import Expression

FIRST_PRECISION = 128  # bits
MAXIMUM_PRECISION = 4096  # bits; float64's range alone needs 1075 for a zero

_REMAINDER_BITS = 20  # remainders are known to 2**-20 ulp
_SPARE_BITS = 200
_NEGLIGIBLE = -(10**30)  # stands for the exponent of zero


class RoundedBall(NamedTuple):
    """A ball's one value in a format; see Truth for the fields."""

    rounded: float
    remainder: float
    ulp_exponent: int


def certified_derivatives(
    expression: Expression, points: Iterable[float], order: int, form: Format
) -> list[Truth]:
    """The true derivatives of orders 1 to ``order`` at the points, each a Truth of their shape.

    The points are taken as the exact binary numbers they are.
    """
    table = [_certified(expression, float(x), order, form) for x in points]
    return [_columns([row[k] for row in table]) for k in range(order)]


def _certified(
    expression: Expression, x: float, order: int, form: Format
) -> list[RoundedBall | None]:
    results: list[RoundedBall | None] = [None] * order
    precision = FIRST_PRECISION
    while precision <= MAXIMUM_PRECISION:
        balls = derivative_balls(expression, x, order, precision)[1:]
        results = [
            known or round_ball(ball, form) for known, ball in zip(results, balls, strict=True)
        ]
        if all(result is not None for result in results):
            break
        precision *= 2
    return results


def round_ball(ball: Ball, form: Format) -> RoundedBall | None:
    """The one number of the format to which every real in the ball rounds, or None.

    Rounds to nearest, ties to even, in exact integers: subnormals and overflow as in IEEE 754.
    """
    if not ball.is_finite():
        return None
    middle, exponent = (int(part) for part in ball.mid().man_exp())
    radius, radius_exponent = (int(part) for part in ball.rad().man_exp())
    top = exponent + middle.bit_length() if middle else _NEGLIGIBLE
    radius_top = radius_exponent + radius.bit_length() if radius else _NEGLIGIBLE
    if max(top, radius_top) < form.smallest_ulp_exponent - _REMAINDER_BITS:  # underflow
        return RoundedBall(0.0, 0.0, form.smallest_ulp_exponent)
    if radius_top > top - form.precision:
        return None
    if top > form.largest_exponent + 2:
        return RoundedBall(math.copysign(math.inf, middle), 0.0, form.largest_ulp_exponent)
    ulp_exponent = max(top - form.precision, form.smallest_ulp_exponent)
    ulp_exponent = min(ulp_exponent, form.largest_ulp_exponent)
    scale = min(exponent, ulp_exponent)
    if not radius:
        radius_exponent = scale
    elif radius_top < scale - _SPARE_BITS:  # widen it rather than carry all its digits
        radius, radius_exponent = 1, scale - _SPARE_BITS
    scale = min(scale, radius_exponent)
    middle <<= exponent - scale
    radius <<= radius_exponent - scale
    shift = ulp_exponent - scale
    low, high = (_round_half_even(end, shift) for end in (middle - radius, middle + radius))
    if low != high or (radius << _REMAINDER_BITS) > (1 << shift):
        return None
    if abs(low).bit_length() > form.precision and ulp_exponent == form.largest_ulp_exponent:
        return RoundedBall(math.copysign(math.inf, low), 0.0, ulp_exponent)
    remainder = (middle - (low << shift)) / (1 << shift)
    return RoundedBall(low * 2.0**ulp_exponent, remainder, ulp_exponent)


def _round_half_even(value: int, shift: int) -> int:
    if shift == 0:
        return value
    floor, rest = value >> shift, value & ((1 << shift) - 1)
    half = 1 << (shift - 1)
    return floor + (rest > half or (rest == half and floor & 1))


def _columns(balls: list[RoundedBall | None]) -> Truth:
    known = [ball or RoundedBall(np.nan, np.nan, 0) for ball in balls]
    rounded, remainder, ulp_exponent = zip(*known, strict=True) if known else ((), (), ())
    return Truth(
        np.array(rounded, dtype=np.float64),
        np.array(remainder, dtype=np.float64),
        np.array(ulp_exponent, dtype=np.int64),
        np.array([ball is not None for ball in balls], dtype=np.bool_),
    )
