"""Certified truth: derivatives enclosed in balls, until each ball rounds to one number.

One pass of ball arithmetic gives all orders at a point. Where the ball of some order still contains
numbers that round differently in the target format, the point is computed again: by expansion at 0
if it is close to 0, then at twice the precision, up to MAXIMUM_PRECISION bits. What is not
certified by then is marked as such, not guessed.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.expressions.balls import derivative_balls, why_undefined
from autodiff_pipeline.expressions.expansion import expanded_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.power_series import UNDECIDED, Ball
from autodiff_pipeline.numbers.rounding import round_balls
from autodiff_pipeline.numbers.ulp import Format, Truth

FIRST_PRECISION = 128  # bits
MAXIMUM_PRECISION = 4096  # bits; to certify a zero in float64 takes 1100

_CLOSE_TO_ZERO = 2.0**-32  # here an expansion converges fast, or not at all


def certified_derivatives(
    expression: Expression, points: Sequence[float], order: int, form: Format
) -> list[Truth]:
    """The true derivatives of orders 1 to ``order`` at the points, each a Truth of shape (points,).

    Each point means the very number that the float represents, with no rounding. At a removable
    singularity, such as that of sin(x)/x at 0, the truth is that of the continued function. At
    poles, kinks, jumps and ends of domains no order is certified; `why_uncertified` says which of
    these it is.
    """
    truths = [_unknown(len(points)) for _ in range(order)]
    precision = FIRST_PRECISION
    while (open_points := _open(truths)).size and precision <= MAXIMUM_PRECISION:
        xs = [points[i] for i in open_points.tolist()]
        _certify(truths, open_points, derivative_balls(expression, xs, order, precision), form)
        close = [i for i in _open(truths).tolist() if 0 < abs(points[i]) < _CLOSE_TO_ZERO]
        enough = {i: _precision_of_expansion(points[i], precision) for i in close}
        for bits in sorted(set(enough.values())):
            alike = [i for i in close if enough[i] == bits]
            xs = [points[i] for i in alike]
            rows = expanded_balls(expression, xs, order, bits)
            _certify(truths, np.array(alike, np.int64), rows, form)
        precision *= 2
    return truths


def _precision_of_expansion(x: float, precision: int) -> int:
    """A power of two of bits, in which the first terms of an expansion at tiny x are all seen."""
    wanted = precision - 3 * math.frexp(x)[1]
    return min(max(precision, 1 << wanted.bit_length()), MAXIMUM_PRECISION)


def why_uncertified(expression: Expression, x: float) -> str:
    """Why `certified_derivatives` certifies nothing at x, in words to be shown.

    One of pole, kink, jump, end of domain and outside the domain, of the expression or of the part
    of it that is evaluated first; or undecided, where MAXIMUM_PRECISION bits do not decide.
    """
    for precision in (FIRST_PRECISION, MAXIMUM_PRECISION):
        reason = why_undefined(expression, x, precision)
        if reason not in ("", UNDECIDED):
            return reason
    return UNDECIDED


def _open(truths: Sequence[Truth]) -> NDArray[np.int64]:
    """The points at which some order is not certified yet."""
    return np.flatnonzero(~np.all([truth.certified for truth in truths], axis=0))


def _certify(
    truths: Sequence[Truth], where: NDArray[np.int64], rows: list[list[Ball]], form: Format
) -> None:
    """Write what the balls certify into the truths; what is certified already stays."""
    for k, truth in enumerate(truths, start=1):
        missing = np.flatnonzero(~truth.certified[where])
        if missing.size:
            found = round_balls([rows[i][k] for i in missing.tolist()], form)
            write_truth(truth, where[missing], found)


def write_truth(truth: Truth, places: NDArray[np.int64], found: Truth) -> None:
    """Write what was found, (P,), into the P places of a truth, in place."""
    truth.rounded[places] = found.rounded
    truth.remainder[places] = found.remainder
    truth.ulp_exponent[places] = found.ulp_exponent
    truth.certified[places] = found.certified


def _unknown(points: int) -> Truth:
    return Truth(
        rounded=np.full(points, np.nan),
        remainder=np.full(points, np.nan),
        ulp_exponent=np.zeros(points, dtype=np.int64),
        certified=np.zeros(points, dtype=np.bool_),
    )
