"""What is known of the entries of a gradient, as arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.ladder import Slopes

INSIDE, OUTSIDE, UNKNOWN = 0, 1, 2
ROUNDING = 8.0  # ulp that an entry of a gradient may be off by its own rounding

Reasons = dict[tuple[int, int], str]  # by place in the arrays


@dataclass(frozen=True)
class Findings:
    """What is known of every entry looked at: arrays (d, m), one row an entry of the point."""

    entries: NDArray[np.int64]  # (d,)
    given: Doubles
    slopes: Slopes
    state: NDArray[np.int64]
    resolution: Doubles  # half-width of the slope, a side at a time where the sides differ
    scale: Doubles  # what the resolution is measured by, to be right
    stated: Doubles  # what it is measured by to be stated
    own: Doubles  # the scales of the numbers, (d,)
    reasons: Reasons
    floor: Doubles  # the smallest window read, in the scales of the entries; 0 for all


def allowed_rounding(evaluator: Evaluator, entries: NDArray[np.int64], given: Doubles) -> Doubles:
    """How far rounding may take an entry of a gradient, (d, m)."""
    epsilon = np.maximum(evaluator.gradient_epsilon, evaluator.output_epsilon)[entries][:, None]
    coarse = epsilon > 1e-10  # what a format with few bits rounds away shows in all entries
    largest = np.abs(np.where(np.isfinite(given), given, 0)).max(initial=0.0)
    return np.asarray(epsilon * (ROUNDING * np.abs(given) + np.where(coarse, largest, 0)))


def outside(
    evaluator: Evaluator, entries: NDArray[np.int64], given: Doubles, found: Slopes
) -> NDArray[np.bool_]:
    """Where given entries (d, m) lie outside of the slopes by more than their own rounding."""
    allowed = allowed_rounding(evaluator, entries, given)
    return np.asarray((given < found.low - allowed) | (given > found.high + allowed))


def resolution_of(found: Slopes) -> Doubles:
    """How well the slopes are known, (d, m): half-widths, a side at a time at a kink."""
    sides = np.maximum(
        np.where(found.left.present, found.left.half_width, 0),
        np.where(found.right.present, found.right.half_width, 0),
    )
    return np.asarray(np.where(found.kinked, sides, found.half_width))
