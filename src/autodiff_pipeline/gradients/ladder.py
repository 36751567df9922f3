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

from autodiff_pipeline.gradients.arguments import Argument, Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.windows import estimates, places

RATIO_EXPONENT = 3  # windows grow by a factor of 8
LARGEST_EXPONENT = 12  # windows reach 2^12 times the number's own scale
SMALLEST_ULP_EXPONENT = 8  # and begin at 2^8 ulp
ENOUGH_AGREEMENT = 3  # windows, before a disagreement means a kink and not a singularity
CLEAR = 2.0**10  # roundings that a change needs to show a secant
GROWTH = 1.03  # of a secant from one window to the next smaller one, at a singularity
CLEAR_KINK = 1e-5  # of the slope: a smaller difference of sides is not called a kink
VALUES_AT_ONCE = 2**22  # values held at a time
NUMBERS_AT_ONCE = 2**23  # numbers of points held at a time


@dataclass(frozen=True)
class Directions:
    """Single entries, or dense vectors with a step in every entry."""

    entries: NDArray[np.int64] | None = None  # (d,)
    vectors: Doubles | None = None  # (d, n)

    def __len__(self) -> int:
        chosen = self.vectors if self.entries is None else self.entries
        assert chosen is not None
        return len(chosen)

    def part(self, start: int, stop: int) -> "Directions":
        """The directions from start to stop."""
        if self.entries is not None:
            return Directions(entries=self.entries[start:stop])
        assert self.vectors is not None
        return Directions(vectors=self.vectors[start:stop])


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


def scales(argument: Argument) -> tuple[Doubles, float]:
    """The scale of every number, shape (n,), and the one that stands in for a number 0.

    A number's scale is the power of two above its magnitude; of zero it is that of the largest
    number of the point, and 1 where all are zero.
    """
    magnitude = np.abs(argument.numbers)
    largest = float(magnitude.max(initial=0.0))
    common = 2.0 ** np.ceil(np.log2(largest)) if 0 < largest < np.inf else 1.0
    with np.errstate(divide="ignore"):
        own = np.where(magnitude > 0, 2.0 ** np.ceil(np.log2(magnitude)), common)
    return own, float(common)


def _grid(scale: float, epsilon: float) -> Doubles:
    first = int(np.ceil(np.log2(epsilon))) + SMALLEST_ULP_EXPONENT
    if first > -2 * RATIO_EXPONENT:  # formats with few bits: their few steps, finely
        exponents = np.arange(int(np.log2(epsilon)) + 3, LARGEST_EXPONENT + 1)
    else:
        exponents = np.arange(first, LARGEST_EXPONENT + 1, RATIO_EXPONENT)
    return scale * 2.0 ** exponents.astype(float)


def window_sizes(argument: Argument, entries: NDArray[np.int64]) -> Doubles:
    """The windows of each entry in rising order, shape (d, windows), NaN for none.

    Around the entry's own scale, and for an entry far below 1 or below the largest entry around
    those scales too.
    """
    own, common = scales(argument)
    rows = []
    for i in entries:
        epsilon = float(argument.epsilon[i])
        grid = _grid(float(own[i]), epsilon)
        for scale in (common, 1.0):
            if scale > grid[-1] / 2 ** (LARGEST_EXPONENT - RATIO_EXPONENT):
                more = _grid(scale, epsilon)
                grid = np.concatenate([grid, more[more > grid[-1]]])
        rows.append(grid[np.isfinite(grid) & (grid > 0)])
    out = np.full((len(rows), max(map(len, rows), default=0)), np.nan)
    for row, grid in zip(out, rows, strict=True):
        row[: len(grid)] = grid
    return out


def along(
    argument: Argument, directions: Directions, d: int, steps: Doubles
) -> tuple[Doubles, Doubles]:
    """Rows of numbers (k, n) at steps (k,) along a direction, and the steps really taken."""
    rows = np.repeat(argument.numbers[None], len(steps), axis=0)
    if directions.entries is not None:
        i = int(directions.entries[d])
        rows[:, i] += steps
        rows = argument.rounded(rows)
        return rows, rows[:, i] - argument.numbers[i]
    assert directions.vectors is not None
    return argument.rounded(rows + steps[:, None] * directions.vectors[d]), steps


def sample(evaluator: Evaluator, directions: Directions, sizes: Doubles) -> Doubles:
    """Values in every window of every direction, less the value at the point.

    Args: sizes (d, windows). Returns: (d, windows, 2, places, m), left before right. A value
    where the step was rounded is moved to where it should have been, along its own secant.
    """
    shape = (*sizes.shape, 2, len(places()))
    out = np.full((*shape, len(evaluator.value)), np.nan)
    wanted = sizes[:, :, None, None] * np.array([-1.0, 1.0])[:, None] * places()
    for d in range(len(directions)):
        use = np.isfinite(sizes[d])
        steps = wanted[d][use].reshape(-1)
        at_once = max(1, NUMBERS_AT_ONCE // max(1, evaluator.argument.size))
        taken, values = np.empty(len(steps)), np.empty((len(steps), len(evaluator.value)))
        for i in range(0, len(steps), at_once):
            some = slice(i, i + at_once)
            rows, taken[some] = along(evaluator.argument, directions, d, steps[some])
            values[some] = evaluator.values(rows) - evaluator.value
        with np.errstate(divide="ignore", invalid="ignore"):
            stretch = np.where((taken == 0) | (taken == steps), 1.0, steps / taken)
        out[d, use] = (values * stretch[:, None]).reshape(-1, *shape[2:], out.shape[-1])
    return out


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


def _pooled(noise: Doubles) -> Doubles:
    """Noise (d, windows, m), at least that of both next smaller windows.

    A window may fit its noise well by chance; a kink within one smaller window is no noise.
    """
    out = noise.copy()
    both = np.fmin(noise[:, 1:-1], noise[:, :-2])
    out[:, 2:] = np.fmax(out[:, 2:], np.nan_to_num(both, nan=0.0))
    return out


def _grows(secant: Doubles, clear: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether secants (d, windows, m) are clear in the smallest windows and grow steadily there."""
    clear = clear & np.isfinite(secant)
    if secant.shape[1] < 4:
        return np.zeros(clear.any(1).shape, dtype=bool)
    first = np.minimum(clear.argmax(1), secant.shape[1] - 4)[:, None]
    four = [np.take_along_axis(secant, first + k, 1)[:, 0] for k in range(4)]
    grows = clear.any(1) & (first[:, 0] <= 2)
    for smaller, larger in zip(four, four[1:], strict=False):
        grows &= smaller / larger > GROWTH
    return grows


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
    noise = _pooled(found.noise)
    width = found.half_width + found.gain * (noise - found.noise)
    width = np.where(sizes[:, :, None] >= smallest[:, None, :], width, np.inf)
    width = np.where(np.isnan(width), np.inf, width)
    best, singular = _chain(sizes, (found.slope, width, noise))
    usable = np.isfinite(width)
    first = usable.argmax(1)[:, None]
    offset, error, slope, blur = (
        np.take_along_axis(a, first, 1)[:, 0]
        for a in (found.offset, found.offset_error, found.slope, width)
    )
    size = np.take_along_axis(np.broadcast_to(sizes[:, :, None], width.shape), first, 1)[:, 0]
    with np.errstate(invalid="ignore"):
        jumps = (np.abs(offset) > 2 * error) & (np.abs(offset) > 4 * size * (np.abs(slope)))
    jumps &= np.isfinite(blur)
    if not two_sided:
        singular |= _grows(values[:, :, -1] / signed, np.abs(values[:, :, -1]) > CLEAR * rounding)
        best["half_width"] = np.where(singular, np.inf, best["half_width"])
    return Side(
        **best,
        jump=np.where(jumps, offset, 0.0),
        present=usable.any(1),
        singular=singular,
        is_left=sign < 0,
    )


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
    return joined(parts)


def _slopes(
    evaluator: Evaluator, directions: Directions, sizes: Doubles, smallest: Doubles
) -> Slopes:
    values = sample(evaluator, directions, sizes)
    magnitude = np.abs(values + evaluator.value).max(-2)  # (d, windows, 2, m)
    rounding = evaluator.output_epsilon * np.maximum(magnitude, np.abs(evaluator.value))
    rounding = np.maximum(rounding, evaluator.noise + np.finfo(float).smallest_subnormal)
    blur = _roundings(evaluator.argument, directions)[:, None, None]
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


def _roundings(argument: Argument, directions: Directions) -> Doubles:
    """One rounding of the number that moves, in units of the step, (d,)."""
    rounding = argument.epsilon * np.abs(argument.numbers)
    if directions.entries is not None:
        return np.asarray(rounding[directions.entries])
    assert directions.vectors is not None
    step = np.abs(directions.vectors)
    return np.asarray((rounding / np.where(step > 0, step, np.inf)).max(1, initial=0.0))


def joined(parts: list[Slopes]) -> Slopes:
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
