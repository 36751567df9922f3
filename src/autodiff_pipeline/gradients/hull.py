"""Several kinked entries at once: whether a gradient is a mean of gradients at nearby points.

At a tie of a maximum every entry may lie between its own slopes and the gradient still be
impossible, as (1/4, 1/4, 1/4, 0) is at a tie of four. What is possible is the convex hull of the
gradients nearby, Clarke's gradient (Optimization and Nonsmooth Analysis, 1983).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.nearby import STEP, Corner

MOST_ENTRIES = 12  # kinked entries looked at together
ROUNDS = 12
FEW = 6  # entries, up to which the search for gradients nearby is as good as complete
CANDIDATES = 24  # directions tried at a time, and their opposites
SEARCHES = 3
PROPOSALS = 256
KEPT = 4  # of the directions tried


@dataclass(frozen=True)
class Hull:
    """Whether a gradient is a mean of those nearby: yes, no, or None for not known."""

    inside: bool | None
    entries: NDArray[np.int64]  # looked at together, (p,)
    largest: float  # of slopes nearby, along the direction where the gradient is farthest out
    given: float  # the given slope along it
    spread: Doubles  # of the gradients nearby beyond their error, (p,)


def nearest_mean(points: Doubles, target: Doubles) -> Doubles:
    """The point of the convex hull of points (k, n) nearest to target (n,).

    Least squares with weights that are not negative (Lawson & Hanson 1974, algorithm NNLS) and,
    by a heavy row of ones, sum to one.
    """
    size = max(float(np.abs(points).max()), float(np.abs(target).max())) or 1.0
    heavy = 1e4
    matrix = np.vstack([points.T / size, np.full(len(points), heavy)])
    goal = np.append(target / size, heavy)
    weights, active = np.zeros(len(points)), np.zeros(len(points), bool)
    for _ in range(4 * len(points)):
        pull = matrix.T @ (goal - matrix @ weights)
        pull[active] = -np.inf
        if pull.max() <= 1e-11 * heavy**2:
            break
        active[pull.argmax()] = True
        while True:
            trial = np.zeros_like(weights)
            trial[active] = np.linalg.lstsq(matrix[:, active], goal, rcond=None)[0]
            negative = active & (trial <= 0)
            if not negative.any():
                break
            with np.errstate(divide="ignore", invalid="ignore"):
                share = np.where(negative, weights / (weights - trial), np.inf)
            weights = weights + np.nan_to_num(share).min() * (trial - weights)
            active &= weights > 1e-14
            weights[~active] = 0
        weights = trial
    return np.asarray(weights @ points / weights.sum())


def in_hull(corner: Corner, given: Doubles, reference: Gradient, rng: np.random.Generator) -> Hull:
    """Look for the given gradient among the means of nearby ones.

    As long as it is outside of the hull of those known, gradients with larger slopes in its
    direction are looked for.

    Args: given (n,), the row of this output; reference, a function that proposes where to look
    and is not believed.
    """
    many = len(corner.entries)
    place = np.sort(rng.permutation(many)[:MOST_ENTRIES])
    chosen, scale = corner.entries[place], corner.scale[place]
    target = given[chosen] * scale
    points, error = corner.gradients(_first_directions(many, place, rng), place)
    if len(points) == 0:
        return Hull(None, chosen, np.nan, np.nan, np.full(len(chosen), np.inf))
    answer: bool | None = None
    for _ in range(ROUNDS):
        apart = target - nearest_mean(points, target)
        allowed = 4 * error * np.sqrt(len(chosen)) + 1e-12 * np.abs(target).max()
        if np.linalg.norm(apart) <= allowed:
            answer = True
            break
        unit = apart / np.linalg.norm(apart)
        better = [
            _steepest(corner, unit, place, rng),
            _proposed(corner, reference, unit, place, rng),
        ]
        more, more_error = corner.gradients(np.concatenate(better), place)
        error = max(error, more_error)
        known = points @ unit
        if len(more) == 0 or (more @ unit).max() <= known.max() + allowed:
            same = np.ptp(np.concatenate([known, more @ unit])) <= 2 * allowed
            answer = False if same or many <= FEW else None
            break
        points = np.concatenate([points, more])
    spread = np.maximum(np.ptp(points, axis=0) - 8 * error, 0) / scale
    if answer:
        return Hull(True, chosen, np.nan, np.nan, spread)
    return Hull(answer, chosen, float((points @ unit).max()), float(target @ unit), spread)


def _first_directions(n: int, place: NDArray[np.int64], rng: np.random.Generator) -> Doubles:
    """Half of them, their opposites being looked at too: signs, and single entries blurred."""
    drawn = _signs(4 * len(place), n, rng)
    units = np.zeros((len(place), n))
    units[np.arange(len(place)), place] = 2.0
    return np.concatenate([drawn, units + rng.uniform(-0.3, 0.3, units.shape)])


def _signs(count: int, n: int, rng: np.random.Generator) -> Doubles:
    sizes = rng.uniform(0.3, 1.5, (count, n))
    return np.asarray(sizes * rng.choice([-1.0, 1.0], (count, n)))


def _steepest(
    corner: Corner, unit: Doubles, place: NDArray[np.int64], rng: np.random.Generator
) -> Doubles:
    """Where gradients nearby have large slopes along unit: the best of many directions."""
    n = len(corner.entries)
    tried = _towards(unit, n, place, rng)
    step = np.zeros(n)
    step[place] = STEP * unit
    for _ in range(SEARCHES):
        gain, _ = corner.along(tried, step)
        best = np.concatenate([tried, -tried])[np.argsort(-np.nan_to_num(gain, nan=-np.inf))]
        best = best[:KEPT]
        moved = best[rng.integers(0, KEPT, CANDIDATES - KEPT)]
        moved *= np.where(rng.random(moved.shape) < 1.5 / n, -1.0, 1.0)
        for row in moved[::2]:  # the order decides at ties of a sort
            i, j = rng.integers(0, n, 2)
            row[[i, j]] = row[[j, i]]
        tried = np.concatenate([best, moved * rng.uniform(0.6, 1.6, moved.shape)])
    return np.asarray(best)


def _proposed(
    corner: Corner,
    reference: Gradient,
    unit: Doubles,
    place: NDArray[np.int64],
    rng: np.random.Generator,
) -> Doubles:
    """Where the gradient under test, or reverse mode, has its largest slopes along unit."""
    n = len(corner.entries)
    drawn = _signs(PROPOSALS, n, rng)
    eighth = PROPOSALS // 8
    drawn[:eighth] = np.abs(drawn[:eighth])
    drawn[eighth : 2 * eighth] = -np.abs(drawn[eighth : 2 * eighth])
    toward = _towards(unit, n, place, rng)
    drawn = np.concatenate([drawn, toward, -toward])
    gain = np.nan_to_num(corner.proposed(reference, drawn, place) @ unit, nan=-np.inf)
    return np.asarray(drawn[np.argsort(-gain)[:KEPT]])


def _towards(unit: Doubles, n: int, place: NDArray[np.int64], rng: np.random.Generator) -> Doubles:
    """Directions along unit, which stand for those against it too, and mixed ones."""
    drawn = _signs(CANDIDATES, n, rng)
    straight = np.zeros(n)
    straight[place] = unit / np.abs(unit).max()
    third = CANDIDATES // 3
    blur = rng.uniform(-0.2, 0.2, (2 * third, n))
    drawn[:third] = straight + blur[:third]
    drawn[third : 2 * third] = straight * rng.choice([-1.0, 1.0], (third, n)) + blur[third:]
    return drawn
