"""Regions in which a derivative is wrong: seen at examined numbers, bordered among all numbers."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.examination import Compute, Examined, Places, judge
from autodiff_pipeline.derivatives.judgement import Judged
from autodiff_pipeline.derivatives.kinds import Kinds
from autodiff_pipeline.derivatives.regions import Border, Ranks, Region, located, regions_of
from autodiff_pipeline.numbers.ranks import doubles, from_ranks, ranks


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


def found_regions(
    seen: Judged,
    compute: Compute,
    examined: Examined,
    places: Places,
    likely: Sequence[float] = (),
    wanted: Callable[[Found], bool] = lambda found: True,
) -> list[Found]:
    """The regions in which a derivative is wrong, as seen from some of the examined numbers.

    Args: seen, the derivative at these; compute, for the search of borders; likely, numbers at
    which regions may well end, such as those of another mode; wanted, of which regions borders are
    searched, which takes time; others are left out.
    """
    x, rank = examined.x[torch.from_numpy(places)], examined.rank[places]
    described = (
        (region, _described(region, seen, x, places))
        for region in regions_of(seen.kinds, seen.errors)
    )
    chosen = [(region.places, found) for region, found in described if wanted(found)]

    def kinds_at(asked: Ranks) -> Kinds:
        tried = from_ranks(torch.from_numpy(asked), x.dtype)
        truth = examined.truth_at(doubles(tried))
        return judge(doubles(compute(tried)), examined, tried, truth, {}).kinds

    borders = [
        Border(found.kind, int(rank[outside]), int(rank[inside]))
        for inner, found in chosen
        for outside, inside in (
            (max(inner[0] - 1, 0), inner[0]),
            (min(inner[-1] + 1, len(rank) - 1), inner[-1]),
        )
    ]
    tried_first = ranks(torch.tensor(likely, dtype=x.dtype)).tolist()
    located_at = iter(located(borders, kinds_at, tried_first))
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
