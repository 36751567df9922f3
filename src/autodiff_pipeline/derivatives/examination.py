"""Numbers at which a derivative is examined, and the regions in which it is found to be wrong."""

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

_HULLS = 64  # points without certified truth, nearest to 0, at which limits are looked for

Places = NDArray[np.int64]  # indices of examined numbers
Compute = Callable[[Tensor], Tensor]  # a derivative at every element


class Examined(NamedTuple):
    """Numbers of a dtype, ascending, with what the derivative of one order truly is there."""

    order: int
    x: Tensor  # (points,)
    truth: Truth
    hulls: Mapping[int, Hull]  # by index of x, where no truth is certified
    truth_at: Callable[[Doubles], Truth]  # for the search of borders


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
    expression: Expression, x: Tensor, orders: Sequence[int], truth_at: TruthAt
) -> list[Examined]:
    """The truth at ascending numbers, for each order."""
    truths = truth_at(doubles(x))
    unknown = np.flatnonzero(~np.all([truth.certified for truth in truths], axis=0))
    nearest = unknown[np.argsort(np.abs(doubles(x)[unknown]), kind="stable")][:_HULLS].tolist()
    hulls = {i: _hulls(expression, float(x[i]), max(orders)) for i in nearest}
    return [
        Examined(
            order,
            x,
            truths[order - 1],
            {i: hull for i, by_order in hulls.items() if (hull := by_order[order - 1])},
            partial(_truth_of, truth_at, order),
        )
        for order in orders
    ]


def _truth_of(truth_at: TruthAt, order: int, points: Doubles) -> Truth:
    return truth_at(points)[order - 1]


_hulls = lru_cache(maxsize=1024)(derivative_hulls)


def judged_at(compute: Compute, examined: Examined, places: Places) -> Judged:
    """A derivative at some of the examined numbers."""
    hulls = {}
    if examined.hulls:
        hulls = {
            i: examined.hulls[place]
            for i, place in enumerate(places.tolist())
            if place in examined.hulls
        }
    x = examined.x[torch.from_numpy(places)]
    truth = at_places(examined.truth, places)
    return judged(x, doubles(compute(x)), truth, hulls, examined.truth_at)


def found_regions(compute: Compute, examined: Examined, places: Places) -> list[Found]:
    """The regions in which a derivative is wrong, as seen from some of the examined numbers."""
    seen = judged_at(compute, examined, places)
    x = examined.x[torch.from_numpy(places)]
    rank = ranks(x).numpy()
    regions = regions_of(seen.kinds, seen.errors)

    def kinds_at(asked: Ranks) -> Kinds:
        tried = from_ranks(torch.from_numpy(asked), x.dtype)
        truth = examined.truth_at(doubles(tried))
        return judged(tried, doubles(compute(tried)), truth, {}, examined.truth_at).kinds

    borders = [
        Border(region.kind, int(rank[outside]), int(rank[inside]))
        for region in regions
        for outside, inside in (
            (max(region.places[0] - 1, 0), region.places[0]),
            (min(region.places[-1] + 1, len(rank) - 1), region.places[-1]),
        )
    ]
    ends = iter(located(borders, kinds_at))
    return [_described(region, seen, x, places, next(ends), next(ends)) for region in regions]


def _described(
    region: Region, seen: Judged, x: Tensor, places: Places, first: int, last: int
) -> Found:
    """A region whose ends have these ranks."""
    of_kind = region.places
    largest = of_kind[seen.errors[of_kind] == seen.errors[of_kind].max()][::-1]
    worst = int(largest[np.argmin(np.abs(doubles(x[torch.from_numpy(largest.copy())])))])
    return Found(
        region.kind,
        (_number(first, x[of_kind[0]]), _number(last, x[of_kind[-1]])),
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
