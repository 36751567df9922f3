"""What a derivative may be where it is not certified: between its limits from both sides.

At a kink every value between the slopes on both sides is a subgradient; where both sides have the
same limit, as relu(x) + relu(-x) - abs(x) at 0, that limit is the derivative. Limits are judged at
two points very close to x: the derivative is the same at both, or tiny and shrinks towards x, and
then the limit is 0, or it grows, and then the limit is infinite. Imports no torch.
"""

from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from flint import arb

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.truth.values import certified_values

_DISTANCES = (Fraction(1, 2**1900), Fraction(1, 2**2000))  # from x
_PRECISION = 4096  # bits: to tell x from what is so close to it takes 3024
_SAME = 2.0**-600  # relative to 1 or to the number, whichever is larger
_GROWTH = 1.02  # a logarithm grows by 2000/1900 from one point to the other
_INFINITE = 100.0  # a logarithm is beyond this at both points


class Hull(NamedTuple):
    """The smallest and the largest value that is right; the same where there is only one."""

    low: float
    high: float


def derivative_hulls(expression: Expression, x: float, order: int) -> list[Hull | None]:
    """What the derivatives of orders 1 to ``order`` may be at exactly x.

    None where nothing can be said: outside the domain, at jumps, where the derivative of the order
    before has a jump, and where a limit is not found. At the end of a domain the inner side
    decides, if the function has a value there. Where it has none, at a pole, only the same infinite
    limit on both sides is a derivative.
    """
    rows = [_side(expression, Fraction(x), order, sign) for sign in (-1, 1)]
    sides = [row for row in rows if row is not None]
    (value,) = certified_values(expression, [x])
    is_continuous = value is not None and all(
        side[0] is not None and abs(value - side[0]) < 2.0**-100 * max(1, abs(value))
        for side in sides
    )
    if not sides or (not is_continuous and len(sides) < 2):
        return [None] * order
    found: list[Hull | None] = []
    for limits in list(zip(*sides, strict=True))[1:]:
        known = [float(each) for each in limits if each is not None]
        is_infinite = known and len(set(known)) == 1 and abs(known[0]) == float("inf")
        if len(known) < len(limits) or not (is_continuous or is_infinite):
            break
        found.append(Hull(min(known), max(known)))
        if is_infinite or not all(_are_same(a, b) for a, b in pairwise(limits)):
            break
    return found + [None] * (order - len(found))


def _side(expression: Expression, x: Fraction, order: int, sign: int) -> list[Ball | None] | None:
    """The limits of orders 0 to ``order`` from one side; None where the function is not there."""
    points = [x + sign * distance for distance in _DISTANCES]
    farther, nearer = derivative_balls(expression, points, order, _PRECISION)
    if not (farther[0].is_finite() and nearer[0].is_finite()):
        return None
    return [_limit(a, b) for a, b in zip(farther, nearer, strict=True)]


def _limit(farther: Ball, nearer: Ball) -> Ball | None:
    if abs(nearer) < abs(farther) / 2 and abs(farther) < _SAME:
        return arb(0)
    if _are_same(farther, nearer):
        return nearer
    if abs(farther) > _INFINITE and abs(nearer) > _GROWTH * abs(farther) and farther * nearer > 0:
        return arb("inf") if nearer > 0 else -arb("inf")
    return None


def _are_same(a: Ball, b: Ball) -> bool:
    if not (a.is_finite() and b.is_finite()):
        return bool(a == b)
    largest = max(arb(1), abs(a), abs(b))
    return bool(abs(a - b) < _SAME * largest)
