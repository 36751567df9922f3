"""Numbers at which a derivative is examined: the truth there, and how values are judged by it."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.derivatives.judgement import Judged, judged
from autodiff_pipeline.derivatives.regions import Ranks
from autodiff_pipeline.derivatives.truths import TruthAt
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import Doubles, Truth, at_places
from autodiff_pipeline.truth.hulls import Hull, derivative_hulls

NEAR = 16  # numbers of the dtype: so far from a root the derivative counts as beside it
_ROUGHLY = 4.0  # times: derivatives are hardly ever monotone to the bit
_HULLS = 64  # points without certified truth, nearest to 0, at which limits are looked for

Places = NDArray[np.int64]  # indices of examined numbers
Compute = Callable[[Tensor], Tensor]  # a derivative at every element


class Examined(NamedTuple):
    """Numbers of a dtype, ascending, with what the derivative of one order truly is there."""

    order: int
    x: Tensor  # (points,)
    rank: Ranks  # of these
    truth: Truth
    hulls: Mapping[int, Hull]  # by index of x, where no truth is certified
    truth_at: Callable[[Doubles], Truth]  # for the search of borders
    rounded_at: Callable[[Ranks], Doubles]  # the truth at numbers with some ranks


def examine(
    expression: Expression,
    x: Tensor,
    orders: Sequence[int],
    truth_at: TruthAt,
    *,
    subnormal: bool = True,
) -> list[Examined]:
    """The truth at ascending numbers, for each order.

    Args: subnormal, whether the truth counts where it, or the number, is subnormal.
    """
    truths = truth_at(doubles(x))
    smallest = 0.0 if subnormal else torch.finfo(x.dtype).smallest_normal
    unknown = ~np.all([truth.certified for truth in truths], axis=0)
    unknown = np.flatnonzero(unknown & ~_is_subnormal(doubles(x), smallest))
    nearest = unknown[np.argsort(np.abs(doubles(x)[unknown]), kind="stable")][:_HULLS].tolist()
    hulls = {i: _hulls_at(expression, float(x[i]), max(orders)) for i in nearest}
    rank = ranks(x).numpy()
    rounded_at = _rounded(truth_at, rank, x.dtype, truths)
    return [
        Examined(
            order,
            x,
            rank,
            _of_normal(truths[order - 1], doubles(x), smallest),
            {i: hull for i, by_order in hulls.items() if (hull := by_order[order - 1])},
            partial(_truth_of, truth_at, order, smallest),
            partial(_of_order, order, rounded_at),
        )
        for order in orders
    ]


def _truth_of(truth_at: TruthAt, order: int, smallest: float, points: Doubles) -> Truth:
    return _of_normal(truth_at(points)[order - 1], points, smallest)


def _of_normal(truth: Truth, points: Doubles, smallest: float) -> Truth:
    """The truth, certified nowhere where it or the point is smaller, but not 0."""
    small = _is_subnormal(truth.rounded, smallest) | _is_subnormal(points, smallest)
    return truth._replace(certified=truth.certified & ~small)


def _is_subnormal(numbers: Doubles, smallest: float) -> NDArray[np.bool_]:
    size = np.abs(numbers)
    return (size > 0) & (size < smallest)


def _of_order(order: int, rounded_at: Callable[[Ranks], Doubles], asked: Ranks) -> Doubles:
    of_order: Doubles = rounded_at(asked)[order - 1]
    return of_order


def _rounded(
    truth_at: TruthAt, rank: Ranks, dtype: torch.dtype, truths: Sequence[Truth]
) -> Callable[[Ranks], Doubles]:
    """The rounded truth by order and rank, (orders, ranks), not computed again where it is known.

    Beyond the first and the last rank stands the truth there.
    """
    rounded = np.array([truth.rounded for truth in truths])

    def rounded_at(asked: Ranks) -> Doubles:
        asked = np.clip(asked, rank[0], rank[-1])
        place = np.searchsorted(rank, asked)
        found: Doubles = rounded[:, place]
        others = np.flatnonzero(rank[place] != asked)
        new, index = np.unique(asked[others], return_inverse=True)
        if len(new):
            truths = truth_at(doubles(from_ranks(torch.from_numpy(new), dtype)))
            found[:, others] = np.array([truth.rounded for truth in truths])[:, index]
        return found

    return rounded_at


_hulls = lru_cache(maxsize=1024)(derivative_hulls)


def _hulls_at(expression: Expression, x: float, order: int) -> list[Hull | None]:
    """The hulls at x; at -0 the sign of an infinite derivative is a convention, and there is none.

    The square root of -0 is -0, so that its derivative divides by it.
    """
    is_negative_zero = x == 0 and math.copysign(1, x) < 0
    return [
        None if hull and is_negative_zero and math.isinf(hull.low) else hull
        for hull in _hulls(expression, x, order)
    ]


def computed_at(compute: Compute, examined: Examined, places: Places) -> Doubles:
    """A derivative's values at some of the examined numbers."""
    return doubles(compute(examined.x[torch.from_numpy(places)]))


def judged_at(values: Doubles, examined: Examined, places: Places) -> Judged:
    """Judge a derivative's values at some of the examined numbers."""
    with_hulls = np.flatnonzero(np.isin(places, list(examined.hulls)))
    hulls = {i: examined.hulls[int(places[i])] for i in with_hulls.tolist()}
    x, truth = examined.x[torch.from_numpy(places)], at_places(examined.truth, places)
    return judge(values, examined, x, truth, hulls)


def judge(
    values: Doubles, examined: Examined, x: Tensor, truth: Truth, hulls: Mapping[int, Hull]
) -> Judged:
    """Judge a derivative's values at x, numbers of the dtype, with the truth and hulls there."""

    def moves(wrong: Places, off: Doubles) -> NDArray[np.bool_]:
        rank, here = ranks(x).numpy()[wrong], truth.rounded[wrong]
        with np.errstate(over="ignore"):  # mostly saves to compute what is beside a number
            may = ~(off > _ROUGHLY * _change_between(examined, rank, here))
        beside = np.concatenate([rank[may] - NEAR, rank[may] + NEAR])
        may[may] = off[may] <= _change(here[may], *np.split(examined.rounded_at(beside), 2))
        return may

    dtype = str(x.dtype).removeprefix("torch.")
    return judged(values, truth, hulls, dtype, moves)


def _change_between(examined: Examined, rank: Ranks, here: Doubles) -> Doubles:
    """How far the truth changes from numbers to the next examined ones NEAR away or farther."""
    rounded = examined.truth.rounded
    below = np.searchsorted(examined.rank, rank - NEAR, side="right") - 1
    above = np.searchsorted(examined.rank, rank + NEAR)
    return _change(
        here, rounded[np.maximum(below, 0)], rounded[np.minimum(above, len(rounded) - 1)]
    )


def _change(here: Doubles, below: Doubles, above: Doubles) -> Doubles:
    with np.errstate(invalid="ignore"):
        change: Doubles = np.fmax(np.abs(below - here), np.abs(above - here))
    return change
