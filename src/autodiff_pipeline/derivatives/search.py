"""Where to look next, after the errors at some points are known: all of it deterministic."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth
from autodiff_pipeline.truth.at_points import certified_derivatives

ROUNDS = 3  # of refinement
_WORST = 2  # points of each method, between whose neighbours the next ones lie
_BETWEEN = 8  # new points on either side of such a point
_MOST_ROOTS = 16  # of a derivative that are located, those nearest 0


def between_worst(rank: NDArray[np.int64], errors: Doubles) -> NDArray[np.int64]:
    """Ranks between the neighbours of the points with the largest errors, ascending and new.

    Args: rank (P,), ascending; errors (K, P), of K methods at these points, NaN where unknown.
    Infinite errors are as large as they can be and left alone.
    """
    known = np.where(np.isfinite(errors), errors, -1.0)
    count = min(_WORST, len(rank))
    if not count:
        return rank
    worst = np.unique(np.argpartition(-known, count - 1, axis=1)[:, :count])
    gaps = {
        gap for point in worst.tolist() for gap in (point - 1, point) if 0 <= gap < len(rank) - 1
    }
    found = [
        int(rank[gap]) + (int(rank[gap + 1]) - int(rank[gap])) * step // (_BETWEEN + 1)
        for gap in gaps
        for step in range(1, _BETWEEN + 1)
    ]
    return np.setdiff1d(np.array(found, dtype=np.int64), rank)


def roots(expression: Expression, x: Tensor, dtype: str, order: int, truth: Truth) -> Tensor:
    """Ranks of numbers next to which the derivative changes its sign, int64.

    Args: x, ascending, at which the truth of that order is known.
    """
    sign = _sign(truth)
    known = np.flatnonzero(truth.certified & (sign != 0))
    before, after = known[:-1], known[1:]
    change = sign[before] * sign[after] < 0
    nearest = np.argsort(np.abs(doubles(x)[before[change]]))[:_MOST_ROOTS]
    rank = ranks(x)
    left, right = (rank[torch.from_numpy(side[change][nearest])] for side in (before, after))
    of_left = torch.from_numpy(sign[before[change][nearest]])
    while ((right - left) > 1).any():
        middle = left + (right - left) // 2
        points = from_ranks(middle, DTYPES[dtype]).tolist()
        there = certified_derivatives(expression, points, order, FORMATS[dtype])[-1]
        is_left = torch.from_numpy(_sign(there)) == of_left
        left, right = torch.where(is_left, middle, left), torch.where(is_left, right, middle)
    return right


def _sign(truth: Truth) -> Doubles:
    """-1, 0 or 1; the remainder has it where the truth is too small for the dtype."""
    sign: Doubles = np.where(truth.rounded == 0, np.sign(truth.remainder), np.sign(truth.rounded))
    return sign
