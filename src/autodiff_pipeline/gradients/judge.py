"""Judging a gradient entry by entry: inside what the slopes allow, outside, or not to be told."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.appeal import (
    FIRST_PANEL,
    LOOK,
    agrees_with_values,
    is_below_jumps,
    noise_scale,
)
from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.complex_step import complex_step
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.hull import agrees_in_common, in_hull
from autodiff_pipeline.gradients.ladder import Directions, Slopes, scales, slopes, window_sizes

INSIDE, OUTSIDE, UNKNOWN = 0, 1, 2
ROUNDING = 8.0  # ulp that an entry of a gradient may be off by its own rounding
LOOKED_AT = 8  # entries a round of appeals looks at
MOST_FOR_JUMPS = 4096  # entries, beyond which no jumps of single entries are looked for
SLIGHT = 1e-3  # relative differences that jumps of the function may make
APPEALS = 6  # rounds
NEIGHBOURS = 6
NEARBY = 1e-4  # of the numbers
COMPANY = 6  # directions of several entries
HULLS = 8  # outputs whose kinked entries are looked at together


@dataclass(frozen=True)
class Findings:
    """What is known of every entry looked at: arrays (d, m), one row an entry of the point."""

    entries: NDArray[np.int64]  # (d,)
    given: Doubles
    slopes: Slopes
    state: NDArray[np.int64]
    resolution: Doubles  # half-width of the slope, a side at a time where the sides differ
    scale: Doubles  # what the resolution is measured by, to be right
    stated: Doubles  # what it is measured by to be stated
    own: Doubles  # the scales of the numbers, (d,)
    reasons: dict[tuple[int, int], str]  # by place in these arrays
    floor: Doubles  # the smallest window read, in the scales of the entries; 0 for all


def allowed_rounding(evaluator: Evaluator, entries: NDArray[np.int64], given: Doubles) -> Doubles:
    """How far rounding may take an entry of a gradient, (d, m)."""
    epsilon = np.maximum(evaluator.gradient_epsilon, evaluator.output_epsilon)[entries][:, None]
    coarse = epsilon > 1e-10  # what a format with few bits rounds away shows in all entries
    largest = np.abs(np.where(np.isfinite(given), given, 0)).max(initial=0.0)
    return np.asarray(epsilon * (ROUNDING * np.abs(given) + np.where(coarse, largest, 0)))


def measures(
    evaluator: Evaluator, entries: NDArray[np.int64], found: Slopes, wanted: float, own: Doubles
) -> tuple[Doubles, Doubles]:
    """What the half-width of each entry is measured by: to be right, and to be stated, (d, m).

    To be right: by the entry itself; by the largest entry of the output, as a number or as what a
    step of the number's own scale does, whichever is smaller; or by what a small part of the
    function's value, the root of what is wanted, amounts to over that scale. To be stated: by the
    entry itself, or the wanted part of the rest.

    Args: own (d,), the scales of the numbers.
    """
    size = np.maximum(np.abs(found.low), np.abs(found.high))
    size = np.where(np.isfinite(size), size, 0)
    step = own[:, None]
    zero = (evaluator.argument.numbers[entries] == 0)[:, None]
    windows = np.fmin(found.left.window, found.right.window)
    step = np.where(zero & np.isfinite(windows), np.minimum(step, windows), step)
    largest = np.minimum(size.max(0, initial=0.0), (size * step).max(0, initial=0.0) / step)
    value = (
        np.sqrt(wanted) * np.maximum(np.abs(evaluator.value), _rise(evaluator, entries, own)) / step
    )
    rest = np.maximum(largest, np.where(np.isfinite(value), value, 0))
    tiny = np.finfo(float).tiny
    return np.maximum(size, rest) + tiny, np.maximum(size, wanted * rest) + tiny


def _rise(evaluator: Evaluator, entries: NDArray[np.int64], own: Doubles) -> Doubles:
    """What the function changes by over the scales of numbers, (d, m), where it is 0 itself."""
    if (evaluator.value != 0).all():
        return np.zeros((len(entries), len(evaluator.value)))
    rows = np.repeat(evaluator.argument.numbers[None], 2 * len(entries), axis=0)
    rows[np.arange(len(rows)), np.tile(entries, 2)] += np.concatenate([own, -own])
    change = np.abs(evaluator.values(evaluator.argument.rounded(rows)) - evaluator.value)
    change = np.where(np.isfinite(change), change, 0).reshape(2, len(entries), -1)
    return np.asarray(change.max(0))


def judged(
    evaluator: Evaluator,
    jacobian: Doubles,
    reference: Gradient,
    entries: NDArray[np.int64],
    *,
    wanted: float,
    rng: np.random.Generator,
) -> Findings:
    """Judge the entries of a Jacobian (m, n).

    Args: reference, a function that has these entries at the point, the gradient under test or
    else reverse mode, for questions about points nearby.
    """
    sizes = window_sizes(evaluator.argument, entries)
    directions = Directions(entries=entries)
    given = jacobian[:, entries].T
    own = scales(evaluator.argument)[0][entries]
    found = slopes(evaluator, directions, sizes)
    reasons: dict[tuple[int, int], str] = {}
    suspect = _outside(evaluator, entries, given, found) & ~found.kinked
    found, floor = without_noise(evaluator, directions, sizes, found, suspect, own)
    for d, output in np.argwhere(floor > 0):
        reasons[int(d), int(output)] = (
            f"the function is a staircase below steps of {floor[d, output]:.1g}: read from "
            "larger ones"
        )
    state = _state(evaluator, entries, given, found, reasons)
    found, state = _appeals(evaluator, entries, given, reference, found, state, own, reasons)
    scale, stated = measures(evaluator, entries, found, wanted, own)
    findings = Findings(
        entries,
        given,
        found,
        state,
        resolution_of(found),
        scale,
        stated,
        own,
        reasons,
        floor / own[:, None],
    )
    findings = _by_complex_step(evaluator, findings, reference, rng)
    return _hulls(evaluator, jacobian, findings, reference, rng)


def resolution_of(found: Slopes) -> Doubles:
    sides = np.maximum(
        np.where(found.left.present, found.left.half_width, 0),
        np.where(found.right.present, found.right.half_width, 0),
    )
    return np.asarray(np.where(found.kinked, sides, found.half_width))


def _outside(
    evaluator: Evaluator, entries: NDArray[np.int64], given: Doubles, found: Slopes
) -> NDArray[np.bool_]:
    allowed = allowed_rounding(evaluator, entries, given)
    return np.asarray((given < found.low - allowed) | (given > found.high + allowed))


def without_noise(
    evaluator: Evaluator,
    directions: Directions,
    sizes: Doubles,
    found: Slopes,
    suspect: NDArray[np.bool_],
    own: Doubles,
) -> tuple[Slopes, Doubles]:
    """The slopes, read from larger windows where the function is a fine staircase.

    Args: suspect (d, m), where a given gradient lies outside; own (d,), the scales of the steps.
    Returns: the slopes, and the size (d, m) of the smallest window read, 0 for all of them.
    """
    if evaluator.argument.size > MOST_FOR_JUMPS:  # dear: only where windows disagree
        suspect = np.zeros_like(suspect)
    broken = np.minimum(found.left.broken, found.right.broken)
    early = broken <= own[:, None] / LOOK
    affected = suspect | early
    candidates = np.argwhere(affected)
    order = np.lexsort([broken[affected], ~suspect[affected]])
    smallest = 0.0
    for d, output in candidates[order[:LOOKED_AT]]:
        for side in (found.left, found.right):
            looked = np.isfinite(side.broken[d, output]) or suspect[d, output]
            if looked and side.present[d, output]:
                start = noise_scale(evaluator, directions, d, output, side, float(own[d]))
                smallest = max(smallest, start / own[d])
    floor = np.where(affected, smallest * own[:, None], 0.0)
    if smallest == 0:
        return found, floor
    return slopes(evaluator, directions, sizes, floor), floor


def _state(
    evaluator: Evaluator,
    entries: NDArray[np.int64],
    given: Doubles,
    found: Slopes,
    reasons: dict[tuple[int, int], str],
) -> NDArray[np.int64]:
    state = np.where(_outside(evaluator, entries, given, found), OUTSIDE, INSIDE)
    known = np.isfinite(found.low) & np.isfinite(found.high)
    jumps = (found.left.jump != 0) | (found.right.jump != 0)
    singular = found.left.singular | found.right.singular
    state = np.where((state == INSIDE) & (~known | jumps | singular), UNKNOWN, state)
    finite = known & ~singular
    state = np.where(~np.isfinite(given), np.where(finite, OUTSIDE, UNKNOWN), state)
    state = np.where((state == OUTSIDE) & singular, UNKNOWN, state)
    for d, output in np.argwhere(state != INSIDE):
        if jumps[d, output]:
            height = max(abs(s.jump[d, output]) for s in (found.left, found.right))
            reasons[d, output] = f"the function jumps by {height:.3g} here: it has no gradient"
        elif singular[d, output]:
            reasons[d, output] = "the slope grows without bound as the step shrinks"
        elif not known[d, output]:
            reasons[d, output] = "the function is not finite on either side"
        elif not np.isfinite(given[d, output]):
            reasons[d, output] = f"the gradient is {given[d, output]}, the slope finite"
    return state


def _appeals(
    evaluator: Evaluator,
    entries: NDArray[np.int64],
    given: Doubles,
    gradient: Gradient,
    found: Slopes,
    state: NDArray[np.int64],
    own: Doubles,
    reasons: dict[tuple[int, int], str],
) -> tuple[Slopes, NDArray[np.int64]]:
    """Widen the interval of entries whose error is below what the function's rounding shows."""
    low, high = found.low.copy(), found.high.copy()
    open_ = (state == OUTSIDE) & np.isfinite(given) & ~found.kinked
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.abs(given - found.middle) / found.half_width
    for _ in range(APPEALS):
        places = np.argwhere(open_)
        worst = places[np.argsort(-excess[tuple(places.T)])][:LOOKED_AT]
        if len(worst) == 0:
            break
        stands = False
        for d, output in worst:
            open_[d, output] = False
            noise = np.nanmin([found.left.noise[d, output], found.right.noise[d, output]])
            gap = abs(given[d, output] - found.middle[d, output])
            best = min(found.left, found.right, key=lambda s: s.half_width[d, output])
            slight = gap <= SLIGHT * abs(found.middle[d, output])
            slight &= evaluator.argument.size <= MOST_FOR_JUMPS
            if (
                slight
                and not stands
                and is_below_jumps(
                    evaluator,
                    int(entries[d]),
                    int(output),
                    gap=gap,
                    scale=float(own[d]),
                    window=float(best.window[d, output]),
                )
            ):
                low[d, output] = min(low[d, output], given[d, output])
                high[d, output] = max(high[d, output], given[d, output])
                state[d, output] = INSIDE
                reasons[d, output] = "the difference is below the jumps of the function"
                continue
            if gap * own[d] > 1 / FIRST_PANEL * (
                noise + evaluator.output_epsilon * abs(evaluator.value[output])
            ):
                stands = True  # far too much for rounding to hide
                continue
            reach = tuple(
                float(s.window[d, output]) if np.isfinite(s.half_width[d, output]) else 0.0
                for s in (found.left, found.right)
            )
            here = gradient(evaluator.argument.numbers)
            known = not isinstance(here, str) and (
                abs(here[output, entries[d]] - given[d, output]) <= gap / 2
            )
            if known and agrees_with_values(
                evaluator,
                gradient,
                int(entries[d]),
                int(output),
                scale=float(own[d]),
                reach=(reach[0], reach[1]),
                noise=float(noise),
            ):
                low[d, output] = min(low[d, output], given[d, output])
                high[d, output] = max(high[d, output], given[d, output])
                state[d, output] = INSIDE
                reasons[d, output] = "the difference is below the rounding of the function"
            else:
                stands = True
        if stands:
            break
    else:
        state = np.where(open_, UNKNOWN, state)
    return replace(found, low=low, high=high), state


def _by_complex_step(
    evaluator: Evaluator, findings: Findings, reference: Gradient, rng: np.random.Generator
) -> Findings:
    """Narrower intervals where the complex step agrees with all of them.

    An entry outside of the narrower one is wrong only if the gradient differs from the complex
    step by as much at points nearby, which the rounding of a right gradient does not.
    """
    found = findings.slopes
    untouched = not findings.reasons and (findings.state == INSIDE).all()
    if found.kinked.any() or not untouched:
        return findings
    exact = complex_step(evaluator, findings.entries, evaluator.argument.numbers)
    if exact is None or not np.isfinite(exact).all():
        return findings
    width = np.maximum(64 * 2.0**-52 * np.abs(exact), findings.resolution / 16)
    agrees = (exact >= found.low) & (exact <= found.high) & (width < findings.resolution)
    narrower = replace(
        found,
        low=np.where(agrees, exact - width, found.low),
        high=np.where(agrees, exact + width, found.high),
    )
    outside = _outside(evaluator, findings.entries, findings.given, narrower)
    for d, output in np.argwhere(outside)[:LOOKED_AT]:
        gap = findings.given[d, output] - exact[d, output]
        if not _differs_nearby(evaluator, findings.entries[d], output, reference, gap, rng):
            return findings
    state = np.where(outside, OUTSIDE, findings.state)
    return replace(findings, slopes=narrower, state=state, resolution=resolution_of(narrower))


def _differs_nearby(
    evaluator: Evaluator,
    entry: int,
    output: int,
    reference: Gradient,
    gap: float,
    rng: np.random.Generator,
) -> bool:
    """Whether a gradient differs from the complex step by about the same gap around the point."""
    numbers = evaluator.argument.numbers
    here = reference(numbers)
    exact = complex_step(evaluator, np.array([entry]), numbers)
    if isinstance(here, str) or exact is None:
        return False
    if abs(here[output, entry] - exact[0, output] - gap) > abs(gap) / 2:
        return True  # a value whose reference, reverse mode, does agree with the complex step
    for _ in range(NEIGHBOURS):
        row = numbers * (1 + NEARBY * rng.uniform(-1, 1, len(numbers)))
        near, exact = reference(row), complex_step(evaluator, np.array([entry]), row)
        if isinstance(near, str) or exact is None:
            return False
        if not gap / 2 <= near[output, entry] - exact[0, output] <= 2 * gap and not (
            2 * gap <= near[output, entry] - exact[0, output] <= gap / 2
        ):
            return False
    return True


def _hulls(
    evaluator: Evaluator,
    jacobian: Doubles,
    findings: Findings,
    reference: Gradient,
    rng: np.random.Generator,
) -> Findings:
    """For outputs with several kinked entries: is the row a mean of rows nearby?

    An entry may lie outside of its own slopes there, as the middle one of three tied in a sort
    does, which alone moves to either end only.
    """
    found, state = findings.slopes, findings.state.copy()
    reasons = dict(findings.reasons)
    measured = np.isfinite(found.low) & np.isfinite(found.high) & np.isfinite(findings.given)
    measured &= state != UNKNOWN
    kinked = found.kinked & measured
    smooth_wrong = ((state == OUTSIDE) & ~kinked & measured).any(0)
    outputs = np.flatnonzero((kinked.sum(0) > 1) | smooth_wrong)
    for output in outputs[:HULLS]:
        rows = np.flatnonzero(kinked[:, output])
        if smooth_wrong[output]:
            rows = np.flatnonzero(measured[:, output])
            if not _kinks_in_company(evaluator, findings.entries[rows], int(output), rng):
                continue
        sides = (findings.slopes.left, findings.slopes.right)
        entries = findings.entries[rows]
        windows = np.minimum(*(s.window[rows, output] for s in sides))
        reach = float(np.nanmin(windows / scales(evaluator.argument)[0][entries]))
        hull = in_hull(
            evaluator, jacobian[output], entries, int(output), reference, rng, reach=reach
        )
        if hull.inside and not agrees_in_common(
            evaluator, jacobian[output], entries, int(output), rng, reach=reach
        ):
            state[rows, output] = OUTSIDE
            reasons[int(rows[0]), int(output)] = (
                f"{len(rows)} entries have kinks here; moved by the same step together they have "
                "none, and the gradient misses the slope"
            )
            continue
        if hull.inside:
            looked = np.isin(findings.entries, hull.entries)
            excess = np.maximum(found.low - findings.given, findings.given - found.high)[:, output]
            moves = np.zeros(len(looked), bool)  # whether gradients nearby vary by the excess
            moves[looked] = hull.spread > np.maximum(excess[looked], 0)
            state[:, output] = np.where(
                (state[:, output] == OUTSIDE) & (moves | ~looked & kinked[:, output]),
                INSIDE,
                state[:, output],
            )
            continue
        worst = rows[0]
        if hull.inside is None:
            state[rows, output] = UNKNOWN
            reasons[int(worst), int(output)] = (
                f"{len(rows)} entries have kinks here; whether their gradient is a mean of the "
                "gradients nearby could not be told"
            )
        else:
            state[rows, output] = OUTSIDE
            reasons[int(worst), int(output)] = (
                f"{len(rows)} entries have kinks here, and no mean of the gradients nearby is "
                f"this one: along the direction where they differ most its slope is "
                f"{hull.given:.6g}, theirs at most {hull.largest:.6g}"
            )
    return replace(findings, state=state, reasons=reasons)


def _kinks_in_company(
    evaluator: Evaluator, entries: NDArray[np.int64], output: int, rng: np.random.Generator
) -> bool:
    """Whether there is a kink at the point along directions of several entries.

    relu(x + y) - relu(x - y) has none along x or y alone, and several gradients around 0.
    """
    if len(entries) < 2:
        return False
    scale = scales(evaluator.argument)[0]
    vectors = np.zeros((COMPANY, evaluator.argument.size))
    vectors[:, entries] = scale[entries] * rng.choice([-1.0, 1.0], (COMPANY, len(entries)))
    vectors[:, entries] *= rng.uniform(0.3, 1.0, (COMPANY, len(entries)))
    sizes = window_sizes(evaluator.argument, entries[:1]) / scale[entries[0]]
    found = slopes(evaluator, Directions(vectors=vectors), np.repeat(sizes, COMPANY, axis=0))
    return bool(found.kinked[:, output].any())
