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
from autodiff_pipeline.gradients.judge import resolution_of, without_noise
from autodiff_pipeline.gradients.ladder import Directions, Slopes, scales, slopes, window_sizes

DIRECTIONS = 8
FOLLOWED = 3  # failing directions followed to an entry
LEFT_OVER = 8  # entries, at most, that halving ends with
ROUNDING = 8.0


@dataclass(frozen=True)
class Swept:
    """What the directions found."""

    resolution: float  # relative error of one entry, of the largest contribution, that is seen
    suspects: NDArray[np.int64]  # entries that halving ended with
    unexplained: int  # directions that failed while both halves of their entries passed


def _fails(
    evaluator: Evaluator, vectors: Doubles, jacobian: Doubles, sizes: Doubles
) -> tuple[Doubles, Slopes]:
    """By how many error bars a gradient misses the slopes along directions, (d,); > 1 fails."""
    directions = Directions(vectors=vectors)
    found = slopes(evaluator, directions, sizes)
    terms = jacobian[None] * vectors[:, None]  # (d, m, n)
    given = terms.sum(2)
    epsilon = float(max(evaluator.argument.epsilon.max(), evaluator.output_epsilon))
    rounding = ROUNDING * epsilon * (np.linalg.norm(terms, axis=2) + np.abs(terms).sum(2) * 2.0**-6)
    own = np.ones(len(vectors))
    suspect = _excess(found, given, rounding) > 1
    found, _ = without_noise(evaluator, directions, sizes, found, suspect & ~found.kinked, own)
    return _excess(found, given, rounding).max(1), found


def _excess(found: Slopes, given: Doubles, rounding: Doubles) -> Doubles:
    apart = np.maximum(np.maximum(found.low - given, given - found.high), 0)
    bar = rounding + np.maximum(resolution_of(found), np.finfo(float).smallest_normal)
    # inside the interval nothing fails; outside it more than the rounding is needed
    excess = np.where(apart > rounding, 1 + apart / bar, 0.0)
    return np.where(np.isfinite(given), excess, np.inf)


def swept(evaluator: Evaluator, jacobian: Doubles, rng: np.random.Generator) -> Swept:
    """Check a Jacobian (m, n) along random signed directions, and follow what fails."""
    argument = evaluator.argument
    scale = scales(argument)[0]
    unit = window_sizes(argument, np.array([int(np.abs(argument.numbers).argmax())]))
    unit = unit[np.isfinite(unit)]
    unit = unit / 2.0 ** np.round(np.log2(scales(argument)[1]))
    suspects: list[int] = []
    unexplained, resolution = 0, 0.0
    failing = []
    largest = float(np.abs(jacobian * scale).max(initial=0.0))
    for _ in range(DIRECTIONS):
        vector = rng.choice([-1.0, 1.0], argument.size) * scale
        excess, found = _fails(evaluator, vector[None], jacobian, unit[None])
        value = float(np.abs(evaluator.value).max(initial=0.0))
        measure = largest or value or 1.0
        resolution = max(resolution, float(np.nanmax(resolution_of(found))) / measure)
        if excess[0] > 1:
            failing.append(vector)
    for vector in failing[:FOLLOWED]:
        left = np.arange(argument.size)
        lost = False
        while len(left) > LEFT_OVER:
            halves = np.array_split(left, 2)
            masked = np.zeros((2, argument.size))
            for row, half in zip(masked, halves, strict=True):
                row[half] = vector[half]
            excess, _ = _fails(evaluator, masked, jacobian, np.repeat(unit[None], 2, axis=0))
            if excess.max() <= 1:
                lost = True
                break
            left = halves[int(excess.argmax())]
        if lost:
            unexplained += 1
        else:
            suspects.extend(int(i) for i in left)
    return Swept(resolution, np.unique(np.array(suspects, dtype=np.int64)), unexplained)
