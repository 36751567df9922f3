"""Steps along directions: which, how far, and the function's values there."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Argument, Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.windows import places

RATIO_EXPONENT = 3  # windows grow by a factor of 8
LARGEST_EXPONENT = 12  # windows reach 2^12 times the number's own scale
SMALLEST_ULP_EXPONENT = 8  # and begin at 2^8 ulp
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


def roundings(argument: Argument, directions: Directions) -> Doubles:
    """One rounding of the number that moves, in units of the step, (d,)."""
    rounding = argument.epsilon * np.abs(argument.numbers)
    if directions.entries is not None:
        return np.asarray(rounding[directions.entries])
    assert directions.vectors is not None
    step = np.abs(directions.vectors)
    return np.asarray((rounding / np.where(step > 0, step, np.inf)).max(1, initial=0.0))
