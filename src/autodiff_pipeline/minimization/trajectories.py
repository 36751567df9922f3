"""How far the runs of a network by different gradients are apart, and when its kinks pass points.

The kink of unit h, where w_h x + b_h = 0, moves as the network learns. Where it passes a point of
the data, the unit turns on or off there, and the gradient jumps. While two runs have every point on
the same side of every kink, they follow the same smooth function, and differ by what rounding makes
of it; a point that lies on different sides gives them different gradients.
"""

from collections.abc import Mapping

import torch
from pandas import DataFrame, concat
from torch import Tensor

from autodiff_pipeline.minimization.descent import Stretch
from autodiff_pipeline.networks.network import Parameters, from_vector
from autodiff_pipeline.training import moments

Ranges = tuple[Tensor, Tensor]  # the first and last + 1 of the sorted points, (T, H) each


def active_points(stretch: Stretch, like: Parameters, x: Tensor) -> Mapping[str, Ranges]:
    """Which of the sorted points each unit is active at, by gradient; like, for the shapes."""
    prepared = moments.prepare(x[None], x[None])
    found = {}
    for name, path in stretch.paths.items():
        parts = torch.func.vmap(lambda vector: from_vector(vector, like))(path.parameters)
        every_epoch = Parameters(*(part[None] for part in parts))
        first, last = moments.active_range(every_epoch, prepared)
        found[name] = (first[0], last[0])
    return found


def growth(stretch: Stretch, active: Mapping[str, Ranges]) -> DataFrame:
    """How far every other run is from the automatic gradient's, epoch by epoch.

    Returns: gradient, epoch, difference (the largest of any parameter, absolute), ulp (the same in
    units in the last place of the largest parameter), points_apart (points that lie on different
    sides of a kink in the two runs, summed over units) and crossings (points that kinks of this run
    passed in the step to this epoch, summed likewise).
    """
    reference = stretch.paths["automatic"].parameters
    largest = reference.abs().amax(1)
    spacing = torch.nextafter(largest, largest.new_tensor(torch.inf)) - largest
    frames = []
    for name in stretch.paths:
        difference = (stretch.paths[name].parameters - reference).abs().amax(1)
        difference = difference.nan_to_num(nan=torch.inf)  # where a run has diverged
        passed = _passed(active[name]).sum(1)
        frame = DataFrame(
            {
                "gradient": name,
                "epoch": range(stretch.first, stretch.first + len(reference)),
                "difference": difference.double().numpy(),
                "ulp": (difference / spacing).double().numpy(),
                "points_apart": _changed(active[name], active["automatic"]).sum(1).numpy(),
                "crossings": torch.cat([torch.zeros_like(passed[:1]), passed]).numpy(),
            }
        )
        frames.append(frame if stretch.is_start else frame.iloc[1:])
    return concat(frames)


def crossings(stretch: Stretch, active: Mapping[str, Ranges]) -> DataFrame:
    """Every crossing: gradient, epoch (after the step), unit, points (how many it passed)."""
    frames = []
    for name, ranges in active.items():
        passed = _passed(ranges)
        epoch, unit = passed.nonzero(as_tuple=True)
        columns = {
            "epoch": (epoch + stretch.first + 1).numpy(),
            "unit": unit.numpy(),
            "points": passed[epoch, unit].numpy(),
        }
        frames.append(DataFrame(columns).assign(gradient=name))
    return concat(frames)[["gradient", "epoch", "unit", "points"]]


def _passed(ranges: Ranges) -> Tensor:
    """How many points each unit's kink passed in each step, (T - 1, H)."""
    first, last = ranges
    return _changed((first[1:], last[1:]), (first[:-1], last[:-1]))


def _changed(one: Ranges, other: Ranges) -> Tensor:
    """How many points lie in one of two ranges but not in both."""
    both = (torch.minimum(one[1], other[1]) - torch.maximum(one[0], other[0])).clamp(min=0)
    return (one[1] - one[0]) + (other[1] - other[0]) - 2 * both
