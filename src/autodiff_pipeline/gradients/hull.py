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
from autodiff_pipeline.gradients.nearby import STEP, Corner, Nearby
from autodiff_pipeline.gradients.pieces import linear_pieces

MOST_ENTRIES = 12  # kinked entries looked at together
ROUNDS = 12
FEW = 6  # entries, up to which the search for gradients nearby is as good as complete
CANDIDATES = 24  # directions tried at a time, and their opposites
SEARCHES = 3
PROPOSALS = 256
KEPT = 4  # of the directions tried
CLOSE = 1e-14  # relative, of a nearest mean
ROUNDINGS = 16 * 2.0**-52  # relative, of a nearest mean and so of the direction away from it


@dataclass(frozen=True)
class Hull:
    """Whether a gradient is a mean of those nearby: yes, no, or None for not known."""

    inside: bool | None
    entries: NDArray[np.int64]  # looked at together, (p,)
    largest: float  # of slopes nearby, along the direction where the gradient is farthest out
    given: float  # the given slope along it
    spread: Doubles  # of the gradients nearby beyond their error, (p,)
    error: float  # errors from here on would have been seen, in scales


def nearest_mean(points: Doubles, target: Doubles) -> Doubles:
    """The point of the convex hull of points (k, n) nearest to target (n,), to a few roundings.

    Wolfe, Finding the nearest point in a polytope, Mathematical Programming 11 (1976).
    """
    size = max(float(np.abs(points).max()), float(np.abs(target).max())) or 1.0
    moved = (points - target) / size
    chosen = np.array([np.linalg.norm(moved, axis=1).argmin()])
    weights = np.ones(1)
    for _ in range(4 * len(points)):
        nearest = weights @ moved[chosen]
        length, slopes = float(np.linalg.norm(nearest)), moved @ nearest
        next_ = slopes.argmin()
        if length**2 - slopes[next_] <= CLOSE * length + CLOSE**2 or next_ in chosen:
            break
        chosen, weights = np.append(chosen, next_), np.append(weights, 0.0)
        while True:
            base, edges = moved[chosen[0]], moved[chosen[1:]] - moved[chosen[0]]
            rest = np.linalg.lstsq(edges.T, -base, rcond=None)[0]
            wanted = np.append(1 - rest.sum(), rest)
            negative = wanted <= 0
            if not negative.any():
                weights = wanted
                break
            share = (weights[negative] / (weights[negative] - wanted[negative])).min()
            weights = weights + share * (wanted - weights)
            kept = ~(negative & (weights <= CLOSE))
            chosen, weights = chosen[kept], weights[kept] / weights[kept].sum()
            if len(chosen) == 1:
                break
    return np.asarray(target + size * (weights @ moved[chosen]))


def in_hull(
    corner: Corner,
    given: Doubles,
    reference: Gradient,
    rng: np.random.Generator,
    *,
    urgent: Doubles,
) -> Hull:
    """Look for the given gradient among the means of nearby ones.

    As long as it is outside of the hull of those known, gradients with larger slopes in its
    direction are looked for. Where linear pieces meet, those found are looked at again to the
    accuracy of the slopes.

    Args: given (n,), the row of this output; reference, a function that proposes where to look
    and is not believed; urgent (k,), by how much each of the corner's entries lies outside.
    """
    many = len(corner.entries)
    place = np.sort(np.lexsort([rng.random(many), -urgent])[:MOST_ENTRIES])
    chosen, target = corner.entries[place], given[corner.entries[place]] * corner.scale[place]
    near = corner.gradients(_first_directions(many, place, rng), place)
    if len(near.gradients) == 0:
        nothing = np.full(len(chosen), np.inf)
        return Hull(None, chosen, np.nan, np.nan, nothing, np.inf)
    answer: bool | None = None
    for _ in range(ROUNDS):
        apart = target - nearest_mean(near.gradients, target)
        allowed = _allowed(near.error, target)
        if np.linalg.norm(apart) <= allowed:
            answer = True
            break
        unit = apart / np.linalg.norm(apart)
        more = _steeper(corner, reference, unit, place, rng)
        known, allowed = near.gradients @ unit, _allowed(max(near.error, more.error), target)
        slopes = more.gradients @ unit
        if len(slopes) == 0 or slopes.max() <= known.max() + allowed:
            same = np.ptp(np.concatenate([known, slopes])) <= 2 * allowed
            answer = False if same or many <= FEW else None
            break
        near = near.joined(more)
    if answer is not False:
        exact = _among_pieces(corner, given, reference, near, place, rng)
        if exact is not None:
            return exact
    points = near.gradients
    spread = np.maximum(np.ptp(points, axis=0) - 8 * near.error, 0) / corner.scale[place]
    if answer:
        return Hull(True, chosen, np.nan, np.nan, spread, allowed)
    return Hull(answer, chosen, float((points @ unit).max()), float(target @ unit), spread, allowed)


def _among_pieces(
    corner: Corner,
    given: Doubles,
    reference: Gradient,
    near: Nearby,
    place: NDArray[np.int64],
    rng: np.random.Generator,
) -> Hull | None:
    """The same among the linear pieces that meet at the corner, None where that tells nothing."""
    entries, target = corner.entries, given[corner.entries] * corner.scale
    for _ in range(ROUNDS):
        pieces = linear_pieces(corner, near, rng)
        if pieces is None:
            return None
        apart = target - nearest_mean(pieces.gradients, target)
        allowed = _allowed(pieces.error, target)
        spread = np.ptp(pieces.gradients, axis=0)
        spread = np.where(spread > 8 * pieces.error, spread, 0) / corner.scale
        if np.linalg.norm(apart) <= allowed:
            return Hull(True, entries, np.nan, np.nan, spread, allowed)
        unit = apart / np.linalg.norm(apart)
        more = _steeper(corner, reference, unit[place], place, rng)
        known, slopes = pieces.gradients @ unit, more.gradients @ unit[place]
        others = (near.gradients @ unit[place]).max()
        if len(slopes) and slopes.max() > others + _allowed(max(near.error, more.error), target):
            near = near.joined(more)
            continue
        blur = ROUNDINGS * float(np.abs(pieces.gradients).max() / np.linalg.norm(apart))
        same = np.ptp(known) <= 2 * allowed + blur * np.linalg.norm(target)
        if not (same or pieces.is_complete or len(entries) <= FEW):
            return None
        along = float(target @ unit)
        return Hull(False, entries, along - float(np.linalg.norm(apart)), along, spread, allowed)
    return None


def _allowed(error: float, target: Doubles) -> float:
    """How far from a mean of gradients with an error a target (p,) may be."""
    return float(4 * error * np.sqrt(len(target)) + 1e-12 * np.abs(target).max())


def _steeper(
    corner: Corner,
    reference: Gradient,
    unit: Doubles,
    place: NDArray[np.int64],
    rng: np.random.Generator,
) -> Nearby:
    """Gradients nearby with large slopes along unit (p,)."""
    better = [
        _steepest(corner, unit, place, rng),
        _proposed(corner, reference, unit, place, rng),
    ]
    return corner.gradients(np.concatenate(better), place)


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
