"""Certified truth: derivatives enclosed in balls, until each ball rounds to one number.

One pass of ball arithmetic gives all orders at a point. Where the ball of some order still holds
numbers that round differently in the target format, the point is done again at twice the
precision, up to MAXIMUM_PRECISION bits. What is not certified by then is reported, not guessed.
"""

from collections.abc import Sequence

import numpy as np

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.rounding import round_balls
from autodiff_pipeline.numbers.ulp import Format, Truth

FIRST_PRECISION = 128  # bits
MAXIMUM_PRECISION = 4096  # bits; to certify a zero in float64 takes 1100


def certified_derivatives(
    expression: Expression, points: Sequence[float], order: int, form: Format
) -> list[Truth]:
    """The true derivatives of orders 1 to ``order`` at the points, each a Truth of shape (points,).

    The points are taken as the exact binary numbers they are.
    """
    truths = [_unknown(len(points)) for _ in range(order)]
    open_points = np.arange(len(points))
    precision = FIRST_PRECISION
    while open_points.size and precision <= MAXIMUM_PRECISION:
        rows = derivative_balls(
            expression, [points[i] for i in open_points.tolist()], order, precision
        )
        for k, truth in enumerate(truths, start=1):
            for known, new in zip(truth, round_balls([row[k] for row in rows], form), strict=True):
                known[open_points] = new
        certified = np.all([truth.certified[open_points] for truth in truths], axis=0)
        open_points = open_points[~certified]
        precision *= 2
    return truths


def _unknown(points: int) -> Truth:
    return Truth(
        rounded=np.full(points, np.nan),
        remainder=np.full(points, np.nan),
        ulp_exponent=np.zeros(points, dtype=np.int64),
        certified=np.zeros(points, dtype=np.bool_),
    )
