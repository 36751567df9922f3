"""Balls rounded to a floating-point format, where the whole ball rounds to one number."""

import math
from collections.abc import Sequence

import numpy as np
from flint import arb
from numpy.typing import NDArray

from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.numbers.ulp import Format, Truth

Rounded = tuple[float, float, int]  # value, remainder in ulp, log2 of the ulp: see Truth

_REMAINDER_BITS = 20  # remainders are known to 2**-20 ulp
SAME_POWER = 2.0**-110  # relative: so little below a power of two, a number counts as the power
_CLEAR_BITS = 100  # so far from a power of two, relatively, is far more than SAME_POWER
_SPARE_BITS = 200
_NEGLIGIBLE = -(10**30)  # stands for the exponent of zero
_ZERO_BITS = 2200  # below 2**-2200 counts as 0: the square of the smallest double is 2**-2148
_LEAST = 2.0**-1074  # stands for every smaller remainder other than 0


def round_balls(balls: Sequence[Ball], form: Format) -> Truth:
    """The numbers of the format to which the balls round; not certified where there are several.

    A truth that lies below a power of two by less than SAME_POWER of it counts as that power, so
    its ulp is that of the binade above.
    Most balls are rounded together, in doubles; those near a tie or near an end of the format's
    range are rounded one by one, in integers.
    """
    truth, certain = _round_in_doubles(balls, form)
    others = np.flatnonzero(~certain)
    if others.size:
        found = [round_ball(balls[i], form) for i in others.tolist()]
        rows = [each or (math.nan, math.nan, 0) for each in found]
        for values, known in zip(truth, zip(*rows, strict=True), strict=False):
            values[others] = known
        truth.certified[others] = [each is not None for each in found]
    return truth


def _round_in_doubles(balls: Sequence[Ball], form: Format) -> tuple[Truth, NDArray[np.bool_]]:
    """The rounded balls, and where the result is beyond doubt.

    Each ball's middle is written as high + low, two doubles. If the ball is accurate enough, the
    error of the remainder is far below 2**-_REMAINDER_BITS, so the remainder decides the rounding
    unless it is close to 1/2.
    """
    high = np.array([float(ball) for ball in balls])
    low = np.zeros_like(high)
    if form.precision == 53:  # else high alone is accurate enough
        low = np.array([float(ball - float(ball)) for ball in balls])
    bits = np.array([ball.rel_accuracy_bits() for ball in balls], dtype=np.float64)
    size = np.abs(high)
    fraction, exponent = np.frexp(high)
    for i in np.flatnonzero(np.abs(fraction) == 0.5).tolist():
        # Below a power of two, the ulp is the smaller one of the binade below.
        is_below = _is_below(balls[i], float(size[i]))
        exponent[i] -= bool(is_below)
        if is_below is None:
            bits[i] = 0
    with np.errstate(invalid="ignore", over="ignore"):
        ulp_exponent = np.maximum(exponent - form.precision, form.smallest_ulp_exponent)
        scaled = np.ldexp(high, -ulp_exponent)
        whole = np.rint(scaled)
        remainder = (scaled - whole) + np.ldexp(low, -ulp_exponent)
        certain = (
            (bits >= form.precision + 2 * _REMAINDER_BITS)
            & (np.abs(remainder) < 0.5 - 2.0**-_REMAINDER_BITS)
            & (size < form.largest / 2)
            & (size > 2.0**-900)  # so that low is no subnormal
        )
        rounded = np.ldexp(whole, ulp_exponent)
    return Truth(rounded, remainder, ulp_exponent.astype(np.int64), certain.copy()), certain


def round_ball(ball: Ball, form: Format) -> Rounded | None:
    """The one number of the format to which every real in the ball rounds, or None.

    Rounds to nearest, ties to even, with subnormals and overflow as in IEEE 754, all in integers.
    """
    if ball.is_zero():
        return 0.0, 0.0, form.smallest_ulp_exponent
    if not ball.is_finite():
        return None
    middle, exponent = map(int, ball.mid().man_exp())
    radius, radius_exponent = map(int, ball.rad().man_exp())
    top = exponent + middle.bit_length() if middle else _NEGLIGIBLE
    radius_top = radius_exponent + radius.bit_length() if radius else _NEGLIGIBLE
    if radius_top >= top:  # 0 is inside, or almost
        small = radius_top < min(-_ZERO_BITS, form.smallest_ulp_exponent)
        return (0.0, 0.0, form.smallest_ulp_exponent) if small else None
    if top < form.smallest_ulp_exponent - _REMAINDER_BITS:  # underflow
        shift = form.smallest_ulp_exponent - exponent
        size = abs(middle) / (1 << shift) if top > form.smallest_ulp_exponent - 1074 else 0.0
        size = max(size, _LEAST)
        return 0.0, size if middle > 0 else -size, form.smallest_ulp_exponent
    if radius_top > top - form.precision:
        return None
    beyond = abs(middle) - (1 << (top - exponent - 1))  # the power of two below it
    gap = exponent + min(beyond, (1 << (top - exponent)) - abs(middle)).bit_length() - 1
    if not beyond or gap <= max(radius_top, top - _CLEAR_BITS):  # else both powers are far away
        is_below = [_is_below(ball, arb(2) ** power) for power in (top - 1, top)]
        if None in is_below:
            return None
        top += not is_below[1]
    if top > form.largest_exponent + 2:
        return math.inf if middle > 0 else -math.inf, 0.0, form.largest_ulp_exponent
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
        return math.inf if low > 0 else -math.inf, 0.0, ulp_exponent
    remainder = (middle - (low << shift)) / (1 << shift)
    return low * 2.0**ulp_exponent, remainder, ulp_exponent


def _is_below(ball: Ball, power: Ball | float) -> bool | None:
    """Whether every number in the ball is smaller in magnitude, by SAME_POWER; None if unknown."""
    below, above, least = power - ball, power + ball, power * SAME_POWER
    if below > least and above > least:  # abs(ball) would be rounded
        return True
    return False if below < least or above < least else None


def _round_half_even(value: int, shift: int) -> int:
    if shift == 0:
        return value
    floor, rest = value >> shift, value & ((1 << shift) - 1)
    half = 1 << (shift - 1)
    return floor + (rest > half or (rest == half and floor & 1))
