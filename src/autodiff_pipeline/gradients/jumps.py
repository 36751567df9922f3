"""Is it noise? Jumps that come again: staircases of solvers, formats with few bits inside.

A function that stops iterating at a tolerance, or rounds inside, is a staircase: its slope on a
tread is not the slope that is meant. What tells a staircase from kinks is that it jumps, by an
amount that stays however closely one looks, and jumps again elsewhere.
"""

from dataclasses import dataclass

import numpy as np

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.steps import Directions, along

PARTS = 8  # places looked at
COMES_AGAIN = 5  # of them, at least, with a jump
HALVINGS = 60
STAYS = 5  # halvings over which a jump stays and a slope shrinks by 32
SAMPLES = 17
ORDER = 8  # of the differences that smooth functions have small


@dataclass(frozen=True)
class Jumps:
    """What was found between two distances: how many places jump, and how high."""

    count: int
    height: float

    @property
    def come_again(self) -> bool:
        """Whether most places looked at have a jump."""
        return self.count >= COMES_AGAIN


def jumps_between(
    evaluator: Evaluator, directions: Directions, d: int, output: int, start: float, stop: float
) -> Jumps:
    """Look for jumps of one output along one direction, from distance start to stop.

    Each eighth of the way is halved and halved, always into the half with the larger eighth
    difference, which smooth functions have small; a jump is what is left between neighbours.
    Distances may be negative: the left side.
    """
    _, heights, changes = _halved(evaluator, directions, d, output, (start, stop), PARTS)
    if len(changes) <= STAYS:
        return Jumps(0, 0.0)
    change = changes[-1]
    rounding = 16 * evaluator.output_epsilon * np.abs(heights).max(1)
    real = np.isfinite(change) & (change > changes[-1 - STAYS] / 2) & (change > rounding)
    return Jumps(int(real.sum()), float(np.max(change[real], initial=0.0)))


def roughest_place(
    evaluator: Evaluator, directions: Directions, d: int, output: int, stop: float
) -> float:
    """Where the function is least smooth between the point and a distance: at its kink."""
    steps, _, _ = _halved(evaluator, directions, d, output, (0.0, stop), 1)
    return float(np.abs(steps).mean())


def _halved(
    evaluator: Evaluator,
    directions: Directions,
    d: int,
    output: int,
    ends: tuple[float, float],
    parts: int,
) -> tuple[Doubles, Doubles, list[Doubles]]:
    """Halve each part of the way into the rougher half, down to 64 roundings of the number.

    Returns: the steps (parts, samples) and the values there in the end, and the largest changes
    between neighbours, (parts,), after every halving.
    """
    start, stop = ends
    at = np.linspace(start, stop, parts * (SAMPLES - 1) + 1)

    def values(steps: Doubles) -> tuple[Doubles, Doubles]:
        rows, taken = along(evaluator.argument, directions, d, steps.reshape(-1))
        found = evaluator.values(rows)[:, output]
        return taken.reshape(steps.shape), found.reshape(steps.shape)

    taken, found = values(at)
    fine = 64 * _spacing(evaluator, directions, d, max(abs(start), abs(stop)))
    index = np.arange(parts)[:, None] * (SAMPLES - 1) + np.arange(SAMPLES)
    steps, heights = taken[index], found[index]
    half = SAMPLES // 2
    changes = []
    for _ in range(HALVINGS):
        with np.errstate(invalid="ignore"):
            rough = [
                np.abs(np.diff(heights[:, part], ORDER, axis=1)).max(1)
                for part in (slice(0, half + 1), slice(half, SAMPLES))
            ]
        second = np.where(np.isnan(rough[1]), False, rough[1] > rough[0])
        keep = np.where(second, half, 0)[:, None] + np.arange(half + 1)
        steps = np.take_along_axis(steps, keep, 1)
        heights = np.take_along_axis(heights, keep, 1)
        between, new = values((steps[:, 1:] + steps[:, :-1]) / 2)
        steps, heights = _interleaved(steps, between), _interleaved(heights, new)
        changes.append(np.abs(np.diff(heights, axis=1)).max(1))
        if (np.ptp(steps, axis=1) <= fine).all():
            break
    return steps, heights, changes


def _spacing(evaluator: Evaluator, directions: Directions, d: int, distance: float) -> float:
    """How far a step has to go for most numbers that move to change at all."""
    argument = evaluator.argument
    if directions.entries is not None:
        i = int(directions.entries[d])
        return float(argument.epsilon[i] * max(abs(argument.numbers[i]), distance))
    return float(argument.epsilon.max() * max(1.0, distance))


def _interleaved(a: Doubles, b: Doubles) -> Doubles:
    out = np.empty((len(a), a.shape[1] + b.shape[1]))
    out[:, 0::2], out[:, 1::2] = a, b
    return out
