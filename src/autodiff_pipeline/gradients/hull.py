"""Several kinked entries at once: is the gradient a mean of gradients at nearby points?

At a tie of a maximum every entry may lie between its own slopes and the gradient still be
impossible, as (1/4, 1/4, 1/4, 0) is at a tie of four. What is possible is the convex hull of the
gradients nearby (Clarke's gradient). Near the point a piecewise smooth function is F(d), its
one-sided slope along d, so the gradients nearby are those of F, which is linear on each piece.
"""

from dataclasses import dataclass

import numpy as np

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.ladder import Directions, scales, slopes, window_sizes

MOST_ENTRIES = 12  # kinked entries looked at together
ROUNDS = 8
STEP = 2.0**-5  # between the directions that a gradient of F is taken from


@dataclass(frozen=True)
class Hull:
    """Whether a gradient is a mean of those nearby: yes, no, or None for not known."""

    inside: bool | None
    distance: float  # from the hull, entries measured by their scales
    direction: Doubles  # along which no gradient nearby has so large a slope, (entries,)
    largest: float  # the largest slope nearby along it
    given: float  # the given slope along it


def nearest_mean(points: Doubles, target: Doubles) -> Doubles:
    """The point of the convex hull of points (k, n) nearest to target (n,).

    Least squares with weights that are not negative (Lawson & Hanson 1974, algorithm NNLS) and,
    by a heavy row of ones, sum to one.
    """
    heavy = 1e4 * max(1.0, float(np.abs(points).max()))
    matrix = np.vstack([points.T, np.full(len(points), heavy)])
    goal = np.append(target, heavy)
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


def in_hull(
    evaluator: Evaluator,
    given: Doubles,
    entries: np.ndarray,
    output: int,
    rng: np.random.Generator,
) -> Hull:
    """Look for the given gradient among the means of nearby ones.

    Args: given (n,), the row of this output; entries, the kinked ones.
    """
    argument = evaluator.argument
    scale = scales(argument)[0]
    entries = np.sort(entries)
    place = np.sort(rng.permutation(len(entries))[:MOST_ENTRIES])
    chosen = entries[place]
    size = window_sizes(argument, entries[:1])[0][::2] / scale[entries[0]]
    target = given[chosen] * scale[chosen]
    tolerance = 1e-12

    def one_sided(directions: Doubles) -> tuple[Doubles, Doubles]:
        """F and its error along directions (k, entries), then along their opposites."""
        dense = np.zeros((len(directions), argument.size))
        dense[:, entries] = directions * scale[entries]
        sizes = np.broadcast_to(size, (len(dense), len(size)))
        found = slopes(evaluator, Directions(vectors=dense), sizes)
        slope = [found.right.slope[:, output], -found.left.slope[:, output]]
        error = [found.right.half_width[:, output], found.left.half_width[:, output]]
        return np.concatenate(slope), np.concatenate(error)

    def nearby(directions: Doubles) -> Doubles:
        """Gradients of F at directions (k, entries) and -directions, where it is linear."""
        nonlocal tolerance
        k = len(directions)
        moves = np.zeros((len(place), len(entries)))
        moves[np.arange(len(place)), place] = STEP
        around = directions[:, None] + np.concatenate([moves, -moves])
        slope, error = one_sided(around.reshape(-1, len(entries)))
        centre, _ = one_sided(directions)
        forward, backward = slope.reshape(2, k, 2, len(place)).transpose(2, 0, 1, 3).reshape(
            2, 2 * k, len(place)
        )
        forward, backward = _opposite_ways(forward, backward, k)
        error = error.reshape(2 * k, -1).max(1)
        bend = np.abs(forward + backward - 2 * centre[:, None]).max(1)
        linear = np.isfinite(error) & (bend <= 8 * error)
        if linear.any():
            tolerance = max(tolerance, float(np.median(error[linear]) / STEP))
        return np.asarray(((forward - backward) / (2 * STEP))[linear])

    points = nearby(_first_directions(len(entries), place, rng))
    if len(points) == 0:
        return Hull(None, np.nan, np.zeros(len(chosen)), np.nan, np.nan)
    for _ in range(ROUNDS):
        mean = nearest_mean(points, target)
        apart = target - mean
        distance = float(np.linalg.norm(apart))
        allowed = 4 * tolerance * np.sqrt(len(chosen)) + 1e-12 * np.abs(target).max()
        if distance <= allowed:
            return Hull(True, distance, apart, np.nan, np.nan)
        unit = apart / distance
        more = nearby(_directions_towards(unit, len(entries), place, rng))
        largest, wanted = float((points @ unit).max()), float(target @ unit)
        if len(more) and (more @ unit).max() > largest + allowed:
            points = np.concatenate([points, more])
            continue
        return Hull(False, distance, unit / scale[chosen], largest, wanted)
    return Hull(None, distance, unit / scale[chosen], largest, wanted)


def _opposite_ways(forward: Doubles, backward: Doubles, k: int) -> tuple[Doubles, Doubles]:
    """At -d the step e_k that was added to d goes the other way."""
    swap = np.arange(2 * k)[:, None] >= k
    return np.where(swap, backward, forward), np.where(swap, forward, backward)


def _first_directions(n: int, place: np.ndarray, rng: np.random.Generator) -> Doubles:
    """Half of them, their opposites being looked at too: signs, and single entries blurred."""
    many = 4 * len(place)
    drawn = rng.uniform(0.3, 1.5, (many, n)) * rng.choice([-1.0, 1.0], (many, n))
    units = np.zeros((len(place), n))
    units[np.arange(len(place)), place] = 2.0
    return np.concatenate([drawn, units + rng.uniform(-0.3, 0.3, units.shape)])


def _directions_towards(
    unit: Doubles, n: int, place: np.ndarray, rng: np.random.Generator
) -> Doubles:
    """Where a gradient with a large slope along unit may be: along it, against it, mixed."""
    drawn = rng.uniform(0.5, 1.5, (36, n)) * rng.choice([-1.0, 1.0], (36, n))
    straight = np.zeros(n)
    straight[place] = unit / np.abs(unit).max()
    blur = rng.uniform(-0.2, 0.2, (36, n))
    drawn[:12] = straight + blur[:12]
    drawn[12:24] = straight * rng.choice([-1.0, 1.0], (12, n)) + blur[12:24]
    return drawn
