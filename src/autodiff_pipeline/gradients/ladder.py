"""One-sided slopes of a function along directions, from windows of every size.

A small window sees through kinks and curvature and is blurred by rounding; a large one the other
way round. So the windows are read from the smallest up: each must agree with what the smaller
ones found, within both error bars, and the narrowest is kept. Where one disagrees, the smaller
ones are believed and the size says how far the kink is away. Left and right are read apart, as
central differences converge to the mean slope at a kink, and then together: a window over both
sides is narrower, and wide by itself where there is a kink at the point.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.steps import Directions, roundings, sample
from autodiff_pipeline.gradients.windows import estimates, grows, places, pooled

ENOUGH_AGREEMENT = 3  # windows, before a disagreement means a kink and not a singularity
CLEAR = 2.0**10  # roundings that a change needs to show a secant
CLEAR_JUMP = 64.0  # roundings
CLEAR_STEPS = 4  # windows beyond the smallest, from where steps are hardly rounded
CLEAR_KINK = 1e-5  # of the slope: a smaller difference of sides is not called a kink
VALUES_AT_ONCE = 2**22  # values held at a time


@dataclass(frozen=True)
class Side:
    """The slope on one side of the point: arrays (d, m), infinite half-width where unknown."""

    slope: Doubles
    half_width: Doubles
    window: Doubles  # the size of the window it is from
    reach: Doubles  # the largest window that agrees
    broken: Doubles  # the smallest window that disagrees, infinite if none
    beyond: Doubles  # the slope found in that window
    noise: Doubles  # what the window leaves unexplained
    jump: Doubles  # how far the function jumps at the point; 0 where it does not
    present: NDArray[np.bool_]  # whether the function is defined on this side at all
    singular: NDArray[np.bool_]  # no two windows agree: the slope grows as one looks closer
    is_left: bool = False


@dataclass(frozen=True)
class Slopes:
    """What the slope along a direction may be: arrays (d, m)."""

    low: Doubles
    high: Doubles
    left: Side
    right: Side
    kinked: NDArray[np.bool_]  # the sides disagree

    @property
    def middle(self) -> Doubles:
        """The middle of what the slope may be."""
        with np.errstate(invalid="ignore"):
            return (self.low + self.high) / 2

    @property
    def half_width(self) -> Doubles:
        """Half of the width of what the slope may be."""
        return (self.high - self.low) / 2


def slopes(
    evaluator: Evaluator, directions: Directions, sizes: Doubles, smallest: Doubles | None = None
) -> Slopes:
    """The slope along every direction, for every output.

    Args: sizes (d, windows), rising; smallest (d, m), the windows below which the function is
    known to be noise, nothing by default.
    """
    outputs = len(evaluator.value)
    windows = 2 * sizes.shape[1] * len(places())
    step = max(1, VALUES_AT_ONCE // max(1, windows * outputs))
    parts = []
    for start in range(0, len(directions), step):
        some, size = directions.part(start, start + step), sizes[start : start + step]
        floor = np.zeros((len(some), outputs))
        if smallest is not None:
            floor = np.asarray(smallest[start : start + step])
        with np.errstate(all="ignore"):
            parts.append(_slopes(evaluator, some, size, floor))
    return _joined(parts)


def _slopes(
    evaluator: Evaluator, directions: Directions, sizes: Doubles, smallest: Doubles
) -> Slopes:
    values = sample(evaluator, directions, sizes)
    magnitude = np.abs(values + evaluator.value).max(-2)  # (d, windows, 2, m)
    rounding = evaluator.output_epsilon * np.maximum(magnitude, np.abs(evaluator.value))
    rounding = np.maximum(rounding, evaluator.noise + np.finfo(float).smallest_subnormal)
    blur = roundings(evaluator.argument, directions)[:, None, None]
    left, right = (
        _side(
            sizes,
            values[:, :, k],
            rounding[:, :, k],
            blur,
            two_sided=False,
            sign=2.0 * k - 1,
            smallest=smallest,
        )
        for k in (0, 1)
    )
    together = np.concatenate([values[:, :, 0], values[:, :, 1]], axis=2)
    both = _side(
        sizes, together, rounding.max(2), blur, two_sided=True, sign=1.0, smallest=smallest
    )
    return _combine(left, right, both)


def _side(
    sizes: Doubles,
    values: Doubles,
    rounding: Doubles,
    blur: Doubles,
    *,
    two_sided: bool,
    sign: float,
    smallest: Doubles,
) -> Side:
    signed = sign * sizes[:, :, None]
    found = estimates(values, signed, rounding, blur, two_sided=two_sided)
    noise = pooled(found.noise)
    width = found.half_width + found.gain * (noise - found.noise)
    width = np.where(sizes[:, :, None] >= smallest[:, None, :], width, np.inf)
    width = np.where(np.isnan(width), np.inf, width)
    best, singular = _chain(sizes, (found.slope, width, noise))
    usable = np.isfinite(width)
    first = np.minimum(usable.argmax(1) + CLEAR_STEPS, usable.shape[1] - 1)[:, None]
    offset, error, slope, last, least = (
        np.take_along_axis(a, first, 1)[:, 0]
        for a in (found.offset, found.offset_error, found.slope, width, rounding)
    )
    size = np.take_along_axis(np.broadcast_to(sizes[:, :, None], width.shape), first, 1)[:, 0]
    height = np.abs(offset)
    with np.errstate(invalid="ignore"):
        jumps = (height > 2 * error) & (height > CLEAR_JUMP * least)
        jumps &= (height > 4 * size * np.abs(slope)) & np.isfinite(last)
    if not two_sided:
        singular |= grows(values[:, :, -1] / signed, np.abs(values[:, :, -1]) > CLEAR * rounding)
        best["half_width"] = np.where(singular, np.inf, best["half_width"])
    return Side(
        **best,
        jump=np.where(jumps, offset, 0.0),
        present=np.asarray(usable.any(1)),
        singular=singular,
        is_left=sign < 0,
    )


def _chain(
    sizes: Doubles, estimate: tuple[Doubles, ...]
) -> tuple[dict[str, Doubles], NDArray[np.bool_]]:
    """Read windows (d, windows, m) from the smallest up; see the module."""
    slope, width, noise = estimate[:3]
    shape = (slope.shape[0], slope.shape[2])
    best = {
        "slope": np.zeros(shape),
        "half_width": np.full(shape, np.inf),
        "window": np.full(shape, np.nan),
        "reach": np.zeros(shape),
        "broken": np.full(shape, np.inf),
        "beyond": np.full(shape, np.nan),
        "noise": np.full(shape, np.nan),
    }
    agreeing = np.zeros(shape, dtype=int)
    for j in range(sizes.shape[1]):
        size = np.broadcast_to(sizes[:, j, None], shape)
        usable = np.isfinite(width[:, j])
        open_ = np.isinf(best["broken"])
        apart = usable & (np.abs(slope[:, j] - best["slope"]) > width[:, j] + best["half_width"])
        first = apart & open_
        best["broken"] = np.where(first, size, best["broken"])
        best["beyond"] = np.where(first, slope[:, j], best["beyond"])
        agrees = usable & open_ & ~apart
        agreeing += agrees
        best["reach"] = np.where(agrees, size, best["reach"])
        better = agrees & (width[:, j] < best["half_width"])
        for key, values in (("slope", slope), ("half_width", width), ("noise", noise)):
            best[key] = np.where(better, values[:, j], best[key])
        best["window"] = np.where(better, size, best["window"])
    enough = min(ENOUGH_AGREEMENT, sizes.shape[1] - 1)
    singular = (agreeing < enough) & np.isfinite(best["broken"])
    best["half_width"] = np.where(singular, np.inf, best["half_width"])
    return best, singular


def _combine(left: Side, right: Side, both: Side) -> Slopes:
    gap = np.abs(left.slope - right.slope)
    broken = (left.jump != 0) | (right.jump != 0) | left.singular | right.singular
    present = left.present & right.present
    apart = present & ((gap > left.half_width + right.half_width) | broken)
    # sides that differ by less have curvatures that differ: a kink of the slope, near
    size = np.maximum(np.abs(left.slope), np.abs(right.slope))
    kinked = apart & ((gap > CLEAR_KINK * size) | broken)
    low = np.minimum(left.slope - left.half_width, right.slope - right.half_width)
    high = np.maximum(left.slope + left.half_width, right.slope + right.half_width)
    agrees = (both.jump == 0) & np.isfinite(both.half_width)
    for side in (left, right):
        misses = np.abs(both.slope - side.slope) > both.half_width + side.half_width
        agrees &= ~misses | ~side.present
    slope, width = left.slope, left.half_width
    for side, use in ((right, right.present), (both, agrees)):
        better = use & (side.half_width < width)
        slope = np.where(better, side.slope, slope)
        width = np.where(better, side.half_width, width)
    low = np.where(apart, low, slope - width)
    high = np.where(apart, high, slope + width)
    return Slopes(low, high, left, right, kinked)


def _joined(parts: list[Slopes]) -> Slopes:
    """Slopes of consecutive directions as one."""
    if len(parts) == 1:
        return parts[0]

    def side(name: str) -> Side:
        sides = [getattr(p, name) for p in parts]
        names = [f.name for f in fields(Side) if f.name != "is_left"]
        whole = {k: np.concatenate([getattr(s, k) for s in sides]) for k in names}
        return Side(**whole, is_left=sides[0].is_left)

    whole = {k: np.concatenate([getattr(p, k) for p in parts]) for k in ("low", "high", "kinked")}
    return replace(parts[0], **whole, left=side("left"), right=side("right"))
