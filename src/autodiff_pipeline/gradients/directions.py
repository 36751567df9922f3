"""Large points: random signed directions over all entries, halved to the entry that fails.

The slope along a direction of random signs holds every entry's error, so one direction sees an
error anywhere; several directions see errors that cancel in one. Where a direction fails, its
entries are halved again and again, always into the half that fails more, and what is left is
judged entry by entry. A direction alone refutes nothing: at kinks of several entries at once a
right gradient may have a slope along it that the function has not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.findings import resolution_of
from autodiff_pipeline.gradients.ladder import Slopes, slopes
from autodiff_pipeline.gradients.steps import Directions, scales, window_sizes
from autodiff_pipeline.gradients.suspects import without_noise

DIRECTIONS = 8
FOLLOWED = 3  # failing directions followed to an entry
LARGE = 50_000  # entries beyond which half of the directions are taken and one is followed
FEW_WINDOWS = 2.0 ** np.array([-9.0, -6.0, -3.0, 0.0])  # of the best
ROUNDING = 8.0


@dataclass(frozen=True)
class Swept:
    """What the directions found."""

    directions: int
    resolution: float  # relative error of one entry, of the largest contribution, that is seen
    suspects: NDArray[np.int64]  # entries that halving ended with
    unexplained: int  # directions that failed while both halves of their entries passed


def _measured(
    evaluator: Evaluator, vector: Doubles, jacobian: Doubles, windows: Doubles
) -> tuple[Slopes, Doubles, Doubles]:
    """The slopes along a direction, the gradient's along it, and the rounding of that: (1, m)."""
    found = slopes(evaluator, Directions(vectors=vector[None]), windows[None])
    terms = jacobian * vector  # (m, n)
    epsilon = float(max(evaluator.gradient_epsilon.max(), evaluator.output_epsilon))
    size = np.linalg.norm(terms, axis=1) + np.abs(terms).sum(1) * 2.0**-6
    return found, terms.sum(1)[None], ROUNDING * epsilon * size[None]


def _fails(evaluator: Evaluator, vector: Doubles, jacobian: Doubles, windows: Doubles) -> bool:
    return bool(_misses(*_measured(evaluator, vector, jacobian, windows)).any())


def _misses(found: Slopes, given: Doubles, rounding: Doubles) -> NDArray[np.bool_]:
    """Where a gradient lies outside of the slopes, (1, m)."""
    inside = (given >= found.low - rounding) & (given <= found.high + rounding)
    unknown = ~(np.isfinite(found.low) & np.isfinite(found.high))
    return np.asarray(~inside & ~(unknown & np.isfinite(given)))


def swept(evaluator: Evaluator, jacobian: Doubles, rng: np.random.Generator) -> Swept:
    """Check a Jacobian (m, n) along random signed directions, and follow what fails."""
    argument = evaluator.argument
    scale = scales(argument)[0]
    largest = float(np.abs(jacobian * scale).max(initial=0.0))
    measure = largest or float(np.abs(evaluator.value).max(initial=0.0)) or 1.0
    windows = window_sizes(argument, np.array([int(np.abs(argument.numbers).argmax())]))[0]
    windows = windows[np.isfinite(windows)] / scales(argument)[1]
    failing, resolution = [], 0.0
    large = argument.size > LARGE
    windows = windows[::2] if large else windows
    directions = DIRECTIONS // 2 if large else DIRECTIONS
    for k in range(directions):
        vector = rng.choice([-1.0, 1.0], argument.size) * scale
        found, given, rounding = _measured(evaluator, vector, jacobian, windows)
        misses = _misses(found, given, rounding)
        if k == 0:
            one, along = np.ones(1), Directions(vectors=vector[None])
            suspect = misses & ~found.kinked
            found, floor = without_noise(evaluator, along, windows[None], found, suspect, one)
            misses = _misses(found, given, rounding)
        resolution = max(resolution, float(np.nanmax(resolution_of(found))) / measure)
        if misses.any():
            failing.append(vector)
        if k == 0:  # what served the first serves the others
            best = np.fmax(found.left.window, found.right.window).max()
            windows = best * FEW_WINDOWS
            windows = np.maximum(windows, floor.max()) if floor.any() else windows
    suspects: list[int] = []
    unexplained = 0
    for vector in failing[: 1 if large else FOLLOWED]:
        entry = _halved(evaluator, vector, jacobian, windows[-3:])
        if entry is None:
            unexplained += 1
        else:
            suspects.append(entry)
    return Swept(directions, resolution, np.unique(np.array(suspects, dtype=np.int64)), unexplained)


def _halved(
    evaluator: Evaluator, vector: Doubles, jacobian: Doubles, windows: Doubles
) -> int | None:
    """The entry that a failing direction fails for, or None where halves pass that failed as one.

    One half is measured; where it passes, the other half is to blame, which the last entry is
    asked about again.
    """

    def fails(entries: NDArray[np.int64]) -> bool:
        masked = np.zeros(len(vector))
        masked[entries] = vector[entries]
        return _fails(evaluator, masked, jacobian, windows)

    left = np.arange(len(vector))
    while len(left) > 1:
        first, second = np.array_split(left, 2)
        left = first if fails(first) else second
    return int(left[0]) if fails(left) else None
