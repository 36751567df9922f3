"""Judging a gradient entry by entry: inside what the slopes allow, outside, or not to be told."""

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.averaging import averaged
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.findings import (
    INSIDE,
    OUTSIDE,
    UNKNOWN,
    Findings,
    Reasons,
    outside,
    resolution_of,
)
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.kinked import judged_together
from autodiff_pipeline.gradients.ladder import Slopes, slopes
from autodiff_pipeline.gradients.narrowing import narrowed
from autodiff_pipeline.gradients.steps import Directions, scales, window_sizes
from autodiff_pipeline.gradients.suspects import looked_again, without_noise


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
    suspect = outside(evaluator, entries, given, found) & ~found.kinked
    found, floor = without_noise(evaluator, directions, sizes, found, suspect, own)
    smooth = ~found.kinked & found.left.present & found.right.present & (floor == 0)
    found = averaged(evaluator, entries, found, own, smooth)
    state, reasons = _first_state(evaluator, entries, given, found)
    for d, output in np.argwhere(floor > 0):
        reasons.setdefault(
            (int(d), int(output)),
            f"the function is a staircase below steps of {floor[d, output]:.1g}: read from "
            "larger ones",
        )
    found, state, more = looked_again(evaluator, entries, given, reference, found, state, own)
    reasons |= more
    scale, stated = _measures(evaluator, entries, found, wanted, own)
    findings = Findings(
        entries=entries,
        given=given,
        slopes=found,
        state=state,
        resolution=resolution_of(found),
        scale=scale,
        stated=stated,
        own=own,
        reasons=reasons,
        floor=floor / own[:, None],
    )
    findings = narrowed(evaluator, findings, reference, rng)
    return judged_together(evaluator, jacobian, findings, reference, rng)


def _first_state(
    evaluator: Evaluator,
    entries: NDArray[np.int64],
    given: Doubles,
    found: Slopes,
) -> tuple[NDArray[np.int64], Reasons]:
    """Inside or outside, where the slope is known; and why it is not, or no gradient is."""
    reasons: Reasons = {}
    state = np.where(outside(evaluator, entries, given, found), OUTSIDE, INSIDE)
    known = np.isfinite(found.low) & np.isfinite(found.high)
    jumps = (found.left.jump != 0) | (found.right.jump != 0)
    singular = found.left.singular | found.right.singular
    state = np.where((state == INSIDE) & (~known | jumps | singular), UNKNOWN, state)
    finite = known & ~singular
    state = np.where(~np.isfinite(given), np.where(finite, OUTSIDE, UNKNOWN), state)
    state = np.where((state == OUTSIDE) & singular, UNKNOWN, state)
    for d, output in np.argwhere(state != INSIDE):
        why = ""
        if jumps[d, output]:
            height = max(abs(s.jump[d, output]) for s in (found.left, found.right))
            why = f"the function jumps by {height:.3g} here: it has no gradient"
        elif singular[d, output]:
            why = "the slope grows without bound as the step shrinks"
        elif not known[d, output]:
            why = "the function is not finite on either side"
        elif not np.isfinite(given[d, output]):
            why = f"the gradient is {given[d, output]}, the slope finite"
        if why:
            reasons[int(d), int(output)] = why
    return state, reasons


def _measures(
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
    value = np.sqrt(wanted) * np.maximum(np.abs(evaluator.value), _rise(evaluator, entries, own))
    rest, plainly = (
        np.maximum(largest, np.where(np.isfinite(value / s), value / s, 0))
        for s in (step, own[:, None])
    )
    tiny = np.finfo(float).tiny
    return np.maximum(size, rest) + tiny, np.maximum(size, wanted * plainly) + tiny


def _rise(evaluator: Evaluator, entries: NDArray[np.int64], own: Doubles) -> Doubles:
    """What the function changes by over the scales of numbers, (d, m), where it is 0 itself."""
    if (evaluator.value != 0).all():
        return np.zeros((len(entries), len(evaluator.value)))
    rows = np.repeat(evaluator.argument.numbers[None], 2 * len(entries), axis=0)
    rows[np.arange(len(rows)), np.tile(entries, 2)] += np.concatenate([own, -own])
    change = np.abs(evaluator.values(evaluator.argument.rounded(rows)) - evaluator.value)
    change = np.where(np.isfinite(change), change, 0).reshape(2, len(entries), -1)
    return np.asarray(change.max(0))
