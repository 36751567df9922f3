"""Several kinked entries at once: is the gradient a mean of gradients at nearby points?

At a tie of a maximum every entry may lie between its own slopes and the gradient still be
impossible, as (1/4, 1/4, 1/4, 0) is at a tie of four. What is possible is the convex hull of the
gradients nearby (Clarke's gradient). Near the point a piecewise smooth function is F(d), its
one-sided slope along d, so the gradients nearby are those of F, which is linear on each piece.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.ladder import Directions, scales, slopes

MOST_ENTRIES = 12  # kinked entries looked at together
ROUNDS = 12
FEW = 6  # entries, up to which the search for gradients nearby is as good as complete
CANDIDATES = 24  # directions tried at a time, and their opposites
SEARCHES = 3
PROPOSALS = 256
WINDOWS = 2.0 ** np.array([-12.0, -8.0, -5.0, -3.0, -1.0])  # of the reach
STEP = 2.0**-10  # between the directions that a gradient of F is taken from
BEND = 16.0  # of STEP squared: what F may bend between them and be smooth


@dataclass(frozen=True)
class Hull:
    """Whether a gradient is a mean of those nearby: yes, no, or None for not known."""

    inside: bool | None
    entries: NDArray[np.int64]  # looked at together
    largest: float  # of slopes nearby, along the direction where the gradient is farthest out
    given: float  # the given slope along it
    spread: Doubles  # of the gradients nearby beyond their error, (entries,)


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


def _one_sided(
    evaluator: Evaluator,
    directions: Doubles,
    *,
    scale: Doubles,
    entries: NDArray[np.int64],
    output: int,
    reach: float,
) -> tuple[Doubles, Doubles]:
    """F and its error along directions (k, entries), then along their opposites."""
    dense = np.zeros((len(directions), evaluator.argument.size))
    dense[:, entries] = directions * scale[entries]
    sizes = np.broadcast_to(reach * WINDOWS, (len(dense), len(WINDOWS)))
    found = slopes(evaluator, Directions(vectors=dense), sizes)
    slope = [found.right.slope[:, output], -found.left.slope[:, output]]
    error = [found.right.half_width[:, output], found.left.half_width[:, output]]
    return np.concatenate(slope), np.concatenate(error)


def agrees_in_common(
    evaluator: Evaluator,
    given: Doubles,
    entries: NDArray[np.int64],
    output: int,
    rng: np.random.Generator,
    *,
    reach: float,
) -> bool:
    """Whether the slope along the same step of all kinked entries is what it has to be.

    It has to be what it is wherever all gradients nearby have the same slope along that step, as
    at the ties of a maximum, where it is 1. Arguments as for `in_hull`.
    """
    scale = scales(evaluator.argument)[0]
    one_sided = partial(
        _one_sided, evaluator, scale=scale, entries=entries, output=output, reach=reach
    )
    common = scale[entries].max() / scale[entries]
    drawn = rng.uniform(0.3, 1.5, (8, len(entries))) * rng.choice([-1, 1], (8, len(entries)))
    step = STEP * common / np.abs(common).max()
    value, error = one_sided(np.concatenate([drawn + step, drawn - step]))
    ahead, behind = value.reshape(2, 2, -1).transpose(1, 0, 2).reshape(2, -1)
    expected = float(given[entries] @ (scale[entries] * step)) / STEP
    slack = 8 * float(np.nan_to_num(error, nan=np.inf).max()) / STEP
    slopes_here = np.concatenate(
        [(ahead - behind)[:8] / (2 * STEP), (behind - ahead)[8:] / (2 * STEP)]
    )
    same = np.ptp(slopes_here) <= slack
    return not same or abs(expected - slopes_here.mean()) <= 2 * slack


def in_hull(
    evaluator: Evaluator,
    given: Doubles,
    entries: NDArray[np.int64],
    output: int,
    gradient: Gradient,
    rng: np.random.Generator,
    *,
    reach: float,
) -> Hull:
    """Look for the given gradient among the means of nearby ones.

    Args: given (n,), the row of this output; entries, the kinked ones; gradient, a function
    that proposes where to look, and is not believed; reach, how far one-sided slopes hold along
    the entries, in the scales of the numbers.
    """
    argument = evaluator.argument
    scale = scales(argument)[0]
    entries = np.sort(entries)
    place = np.sort(rng.permutation(len(entries))[:MOST_ENTRIES])
    chosen = entries[place]
    target = given[chosen] * scale[chosen]
    tolerance = 0.0

    one_sided = partial(
        _one_sided, evaluator, scale=scale, entries=entries, output=output, reach=reach
    )

    def nearby(directions: Doubles) -> Doubles:
        """Gradients of F at directions (k, entries) and -directions, where it is linear."""
        nonlocal tolerance
        k = len(directions)
        moves = np.zeros((len(place), len(entries)))
        moves[np.arange(len(place)), place] = STEP
        around = directions[:, None] + np.concatenate([moves, -moves])
        slope, error = one_sided(around.reshape(-1, len(entries)))
        centre, _ = one_sided(directions)
        forward, backward = (
            slope.reshape(2, k, 2, len(place)).transpose(2, 0, 1, 3).reshape(2, 2 * k, len(place))
        )
        forward, backward = _opposite_ways(forward, backward, k)
        error = error.reshape(2 * k, -1).max(1)
        bend = np.abs(forward + backward - 2 * centre[:, None]).max(1)
        smooth = 8 * error + BEND * STEP**2 * np.abs(centre)
        linear = np.isfinite(error) & (bend <= smooth)
        if linear.any():
            curved = np.where(bend <= 8 * error, 0.0, bend)
            tolerance = max(tolerance, float(np.median((error / STEP + curved)[linear])))
        return np.asarray(((forward - backward) / (2 * STEP))[linear])

    def proposals(directions: Doubles) -> Doubles:
        """What the gradient function returns a little off the point, (k, place)."""
        rows = np.repeat(argument.numbers[None], len(directions), axis=0)
        rows[:, entries] += reach / 8 * directions * scale[entries]
        found = [gradient(row) for row in argument.rounded(rows)]
        return np.stack(
            [
                np.full(len(chosen), np.nan)
                if isinstance(g, str)
                else g[output, chosen] * scale[chosen]
                for g in found
            ]
        )

    def spread() -> Doubles:
        return np.asarray(np.maximum(np.ptp(points, axis=0) - 8 * tolerance, 0))

    points = nearby(_first_directions(len(entries), place, rng))
    if len(points) == 0:
        return Hull(None, chosen, np.nan, np.nan, np.full(len(chosen), np.inf))
    answer: bool | None = None
    for _ in range(ROUNDS):
        apart = target - nearest_mean(points, target)
        distance = float(np.linalg.norm(apart))
        allowed = 4 * tolerance * np.sqrt(len(chosen)) + 1e-12 * np.abs(target).max()
        if distance <= allowed:
            return Hull(True, chosen, np.nan, np.nan, spread() / scale[chosen])
        unit = apart / distance
        steep = np.concatenate(
            [
                _steepest(one_sided, unit, place, len(entries), rng),
                _proposed(proposals, unit, place, len(entries), rng),
            ]
        )
        more = nearby(steep)
        along = points @ unit
        if len(more) and (more @ unit).max() > along.max() + allowed:
            points = np.concatenate([points, more])
            continue
        same = np.ptp(np.concatenate([along, more @ unit])) <= 2 * allowed
        answer = False if same or len(entries) <= FEW else None
        break
    return Hull(answer, chosen, float(along.max()), float(target @ unit), spread() / scale[chosen])


def _steepest(
    one_sided: Callable[[Doubles], tuple[Doubles, Doubles]],
    unit: Doubles,
    place: NDArray[np.int64],
    n: int,
    rng: np.random.Generator,
) -> Doubles:
    """Where gradients nearby have large slopes along unit: the best of many directions."""
    tried = _directions_towards(unit, n, place, rng)
    step = np.zeros(n)
    step[place] = STEP * unit
    for _ in range(SEARCHES):
        slope, _ = one_sided(np.concatenate([tried + step, tried - step]))
        ahead, behind = slope.reshape(2, 2, -1)[0]
        ahead_opposite, behind_opposite = slope.reshape(2, 2, -1)[1]
        gain = np.concatenate([ahead - behind, behind_opposite - ahead_opposite])
        tried = np.concatenate([tried, -tried])
        best = tried[np.argsort(-np.nan_to_num(gain, nan=-np.inf))[:4]]
        flips = np.where(rng.random((len(tried) // 2 - 4, n)) < 1.5 / n, -1.0, 1.0)
        moved = best[rng.integers(0, len(best), len(flips))] * flips
        for row in moved[::2]:  # the order decides at ties of a sort
            i, j = rng.integers(0, n, 2)
            row[[i, j]] = row[[j, i]]
        tried = np.concatenate([best, moved * rng.uniform(0.6, 1.6, moved.shape)])
    return np.asarray(best)


def _opposite_ways(forward: Doubles, backward: Doubles, k: int) -> tuple[Doubles, Doubles]:
    """At -d the step e_k that was added to d goes the other way."""
    swap = np.arange(2 * k)[:, None] >= k
    return np.where(swap, backward, forward), np.where(swap, forward, backward)


def _first_directions(n: int, place: NDArray[np.int64], rng: np.random.Generator) -> Doubles:
    """Half of them, their opposites being looked at too: signs, and single entries blurred."""
    many = 4 * len(place)
    drawn = rng.uniform(0.3, 1.5, (many, n)) * rng.choice([-1.0, 1.0], (many, n))
    units = np.zeros((len(place), n))
    units[np.arange(len(place)), place] = 2.0
    return np.concatenate([drawn, units + rng.uniform(-0.3, 0.3, units.shape)])


def _proposed(
    proposals: Callable[[Doubles], Doubles],
    unit: Doubles,
    place: NDArray[np.int64],
    n: int,
    rng: np.random.Generator,
) -> Doubles:
    """Where the gradient under test, or reverse mode, has its largest slopes along unit."""
    drawn = rng.uniform(0.3, 1.5, (PROPOSALS, n)) * rng.choice([-1.0, 1.0], (PROPOSALS, n))
    drawn[: PROPOSALS // 8] = np.abs(drawn[: PROPOSALS // 8])
    drawn[PROPOSALS // 8 : PROPOSALS // 4] = -np.abs(drawn[PROPOSALS // 8 : PROPOSALS // 4])
    toward = _directions_towards(unit, n, place, rng)
    drawn = np.concatenate([drawn, toward, -toward])
    gain = np.nan_to_num(proposals(drawn) @ unit, nan=-np.inf)
    return np.asarray(drawn[np.argsort(-gain)[:4]])


def _directions_towards(
    unit: Doubles, n: int, place: NDArray[np.int64], rng: np.random.Generator
) -> Doubles:
    """Along it, which stands for against it too, and mixed."""
    drawn = rng.uniform(0.5, 1.5, (CANDIDATES, n)) * rng.choice([-1.0, 1.0], (CANDIDATES, n))
    straight = np.zeros(n)
    straight[place] = unit / np.abs(unit).max()
    third = CANDIDATES // 3
    blur = rng.uniform(-0.2, 0.2, (2 * third, n))
    drawn[:third] = straight + blur[:third]
    drawn[third : 2 * third] = straight * rng.choice([-1.0, 1.0], (third, n)) + blur[third:]
    return drawn
