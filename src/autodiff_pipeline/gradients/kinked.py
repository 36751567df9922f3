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
    reasons = dict(findings.reasons)
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
        hull = in_hull(corner, jacobian[output], reference, rng)
        common = not hull.inside or corner.agrees_in_common(jacobian[output], rng)
        state[:, output] = _state(findings, hull, rows, int(output), common=common)
        why = _why(hull, len(rows), common=common)
        if why:
            reasons[int(rows[0]), int(output)] = why
    return replace(findings, state=state, reasons=reasons)


def _state(
    findings: Findings, hull: Hull, rows: NDArray[np.int64], output: int, *, common: bool
) -> NDArray[np.int64]:
    state = findings.state[:, output].copy()
    if hull.inside is None:
        state[rows] = UNKNOWN
    elif not (hull.inside and common):
        state[rows] = OUTSIDE
    else:
        found, given = findings.slopes, findings.given[:, output]
        looked = np.isin(findings.entries, hull.entries)
        excess = np.maximum(found.low[:, output] - given, given - found.high[:, output])
        moves = np.zeros(len(looked), dtype=bool)  # whether gradients nearby vary by the excess
        moves[looked] = hull.spread > np.maximum(excess[looked], 0)
        moves |= ~looked & found.kinked[:, output]
        state = np.where((state == OUTSIDE) & moves, INSIDE, state)
    return state


def _why(hull: Hull, count: int, *, common: bool) -> str:
    here = f"{count} entries have kinks here"
    if hull.inside is None:
        return f"{here}; whether their gradient is a mean of the gradients nearby could not be told"
    if not hull.inside:
        return (
            f"{here}, and no mean of the gradients nearby is this one: along the direction where "
            f"they differ most its slope is {hull.given:.6g}, theirs at most {hull.largest:.6g}"
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
