"""Entries with kinks at the point, judged together."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.findings import INSIDE, OUTSIDE, UNKNOWN, Findings
from autodiff_pipeline.gradients.given import Gradient
from autodiff_pipeline.gradients.hull import Hull, in_hull
from autodiff_pipeline.gradients.ladder import slopes
from autodiff_pipeline.gradients.nearby import Corner
from autodiff_pipeline.gradients.steps import Directions, scales, window_sizes

OUTPUTS = 8  # whose kinked entries are looked at together
COMPANY = 4  # directions of several entries


def judged_together(
    evaluator: Evaluator,
    jacobian: Doubles,
    findings: Findings,
    reference: Gradient,
    rng: np.random.Generator,
) -> Findings:
    """Ask of outputs with several kinked entries whether their row is a mean of rows nearby.

    An entry may lie outside of its own slopes there, as the middle one of three tied in a sort
    does, which alone moves to either end only. Arguments as for `judged`.
    """
    found, state = findings.slopes, findings.state.copy()
    reasons, resolution = dict(findings.reasons), findings.resolution.copy()
    measured = np.isfinite(found.low) & np.isfinite(found.high) & np.isfinite(findings.given)
    measured &= state != UNKNOWN
    kinked = found.kinked & measured
    smooth_wrong = ((state == OUTSIDE) & ~kinked & measured).any(0)
    for output in np.flatnonzero((kinked.sum(0) > 1) | smooth_wrong)[:OUTPUTS]:
        rows = np.flatnonzero(kinked[:, output])
        if smooth_wrong[output]:
            rows = np.flatnonzero(measured[:, output])
            if not _kinks_in_company(evaluator, findings.entries[rows], int(output), rng):
                continue
        entries = findings.entries[rows]
        windows = np.fmin(found.left.window[rows, output], found.right.window[rows, output])
        reach = float(np.nanmin(windows / scales(evaluator.argument)[0][entries]))
        corner = Corner(evaluator, entries, int(output), reach)
        low, high, given = (a[rows, output] for a in (found.low, found.high, findings.given))
        urgent = np.maximum(np.maximum(low - given, given - high), 0) * corner.scale
        hull = in_hull(corner, jacobian[output], reference, rng, urgent=urgent)
        common = not hull.inside or corner.agrees_in_common(jacobian[output], rng)
        state[:, output] = _state(findings, hull, rows, int(output), common=common)
        why = _why(hull, len(rows), common=common)
        if why and (state[rows, output] != INSIDE).all():
            reasons[int(rows[0]), int(output)] = why
        coarser = np.maximum(resolution[rows, output], hull.error / corner.scale)
        resolution[rows, output] = np.where(kinked[rows, output], coarser, resolution[rows, output])
    return replace(findings, state=state, reasons=reasons, resolution=resolution)


def _state(
    findings: Findings, hull: Hull, rows: NDArray[np.int64], output: int, *, common: bool
) -> NDArray[np.int64]:
    """The state of every entry of an output, (d,), given what its rows are together.

    An entry outside of its own slopes is right if gradients nearby vary by as much as it is
    outside. Where none is wrong by itself, a gradient that is no mean of them is wrong as one.
    """
    state, found = findings.state[:, output].copy(), findings.slopes
    if hull.inside is None:
        state[rows] = UNKNOWN
        return state
    given = findings.given[:, output]
    excess = np.maximum(found.low[:, output] - given, given - found.high[:, output])
    spread = np.where(found.kinked[:, output], hull.spread.max(initial=0.0), 0.0)
    spread[np.isin(findings.entries, hull.entries)] = hull.spread
    moves = spread > np.maximum(excess, 0)
    if hull.inside and common:
        return np.where((state == OUTSIDE) & moves, INSIDE, state)
    if not ((state == OUTSIDE) & ~moves)[rows].any():
        state[rows] = OUTSIDE
    return state


def _why(hull: Hull, count: int, *, common: bool) -> str:
    here = f"{count} entries have kinks here"
    if hull.inside is None:
        return f"{here}; whether their gradient is a mean of the gradients nearby could not be told"
    if not hull.inside:
        return (
            f"{here}, and no mean of the gradients nearby is this one: along the direction where "
            f"they differ most its slope is {hull.given:.6g}, more than any of theirs by "
            f"{hull.given - hull.largest:.2g}"
        )
    if not common:
        return f"{here}; moved by the same step together they have none, and this misses the slope"
    return ""


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
    sizes = window_sizes(evaluator.argument, entries[:1])[:, ::2] / scale[entries[0]]
    found = slopes(evaluator, Directions(vectors=vectors), np.repeat(sizes, COMPANY, axis=0))
    return bool(found.kinked[:, output].any())
