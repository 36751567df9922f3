"""Numbers at which a derivative is examined, and the regions in which it is found to be wrong."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.derivatives.judgement import Judged, judged
from autodiff_pipeline.derivatives.kinds import Kinds
from autodiff_pipeline.derivatives.regions import Border, Ranks, Region, located, regions_of
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


class Found(NamedTuple):
    """A region, with its worst number."""

    kind: int
    ends: tuple[float, float]
    places: Places  # of the examined numbers that are wrong in this way
    share: float  # of these, among all examined ones between the ends
    worst: int  # the place of the worst
    returned: float
    truth: float
    error: float  # in ulp


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
    rounded_at = _remembered(truth_at, rank, x.dtype, truths)
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


def _remembered(
    truth_at: TruthAt, rank: Ranks, dtype: torch.dtype, truths: Sequence[Truth]
) -> Callable[[Ranks], Doubles]:
    """The rounded truth by order and rank, (orders, ranks), each computed once.

    The same numbers are asked for again and again, as modes are wrong at the same ones. Beyond the
    first and the last rank stands the truth there.
    """
    known, rounded = rank, np.array([truth.rounded for truth in truths])

    def rounded_at(asked: Ranks) -> Doubles:
        nonlocal known, rounded
        asked = np.clip(asked, rank[0], rank[-1])
        new = np.unique(asked[known[np.searchsorted(known, asked)] != asked])
        if len(new):
            found = truth_at(doubles(from_ranks(torch.from_numpy(new), dtype)))
            place = np.searchsorted(known, new)
            known = np.insert(known, place, new)
            rounded = np.insert(rounded, place, [truth.rounded for truth in found], axis=1)
        of_asked: Doubles = rounded[:, np.searchsorted(known, asked)]
        return of_asked

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


def judged_at(compute: Compute, examined: Examined, places: Places) -> Judged:
    """A derivative at some of the examined numbers."""
    hulls = {}
    if examined.hulls:
        hulls = {
            i: examined.hulls[place]
            for i, place in enumerate(places.tolist())
            if place in examined.hulls
        }
    x, truth = examined.x[torch.from_numpy(places)], at_places(examined.truth, places)
    return _judged(compute, examined, x, truth, hulls, places)


def _judged(
    compute: Compute,
    examined: Examined,
    x: Tensor,
    truth: Truth,
    hulls: Mapping[int, Hull],
    places: Places | None = None,
) -> Judged:
    """Judge a derivative at x. Args: places, those of x among the examined numbers, if it is."""

    def moves(wrong: Places, off: Doubles) -> NDArray[np.bool_]:
        rank, here = ranks(x).numpy()[wrong], truth.rounded[wrong]
        may = np.ones(len(wrong), dtype=np.bool_)
        if places is not None:  # saves to compute what is beside a number, mostly
            with np.errstate(over="ignore"):
                may = ~(off > _ROUGHLY * _change_between(examined, places[wrong]))
        near = (examined.rounded_at(rank[may] + offset) for offset in (-NEAR, NEAR))
        may[may] = off[may] <= _change(here[may], *near)
        return may

    dtype = str(x.dtype).removeprefix("torch.")
    return judged(doubles(compute(x)), truth, hulls, dtype, moves)


def _change_between(examined: Examined, places: Places) -> Doubles:
    """How far the truth changes from examined numbers to the next that are NEAR away or farther."""
    rank, rounded = examined.rank, examined.truth.rounded
    below = np.searchsorted(rank, rank[places] - NEAR, side="right") - 1
    above = np.searchsorted(rank, rank[places] + NEAR)
    return _change(
        rounded[places], rounded[np.maximum(below, 0)], rounded[np.minimum(above, len(rank) - 1)]
    )


def _change(here: Doubles, below: Doubles, above: Doubles) -> Doubles:
    with np.errstate(invalid="ignore"):
        change: Doubles = np.fmax(np.abs(below - here), np.abs(above - here))
    return change


def found_regions(
    compute: Compute,
    examined: Examined,
    places: Places,
    wanted: Callable[[Found], bool] = lambda found: True,
) -> list[Found]:
    """The regions in which a derivative is wrong, as seen from some of the examined numbers.

    Args: wanted, of which regions borders are searched, which takes time; others are left out.
    """
    seen = judged_at(compute, examined, places)
    x, rank = examined.x[torch.from_numpy(places)], examined.rank[places]
    described = (
        (region, _described(region, seen, x, places))
        for region in regions_of(seen.kinds, seen.errors)
    )
    chosen = [(region.places, found) for region, found in described if wanted(found)]

    def kinds_at(asked: Ranks) -> Kinds:
        tried = from_ranks(torch.from_numpy(asked), x.dtype)
        return _judged(compute, examined, tried, examined.truth_at(doubles(tried)), {}).kinds

    borders = [
        Border(found.kind, int(rank[outside]), int(rank[inside]))
        for inner, found in chosen
        for outside, inside in (
            (max(inner[0] - 1, 0), inner[0]),
            (min(inner[-1] + 1, len(rank) - 1), inner[-1]),
        )
    ]
    located_at = iter(located(borders, kinds_at))
    return [
        found._replace(
            ends=(_number(next(located_at), x[inner[0]]), _number(next(located_at), x[inner[-1]]))
        )
        for inner, found in chosen
    ]


def _described(region: Region, seen: Judged, x: Tensor, places: Places) -> Found:
    """A region that ends with the examined numbers."""
    of_kind = region.places
    largest = of_kind[seen.errors[of_kind] == seen.errors[of_kind].max()][::-1]
    worst = int(largest[np.argmin(np.abs(doubles(x[torch.from_numpy(largest.copy())])))])
    return Found(
        region.kind,
        (float(x[of_kind[0]]), float(x[of_kind[-1]])),
        places[of_kind],
        len(of_kind) / int(of_kind[-1] + 1 - of_kind[0]),
        int(places[worst]),
        float(seen.values[worst]),
        float(seen.truths[worst]),
        float(seen.errors[worst]),
    )


def _number(rank: int, examined: Tensor) -> float:
    """The number of a rank, with the sign of the examined one where it is 0."""
    number = from_ranks(torch.tensor(rank), examined.dtype)
    return float(torch.copysign(number, examined) if rank == 0 else number)
