"""From findings in arrays to entries worst first."""

import numpy as np

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.causes import entry_reason
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.findings import OUTSIDE, UNKNOWN, Findings
from autodiff_pipeline.gradients.jumps import roughest_place
from autodiff_pipeline.gradients.report import Entry, Verdict
from autodiff_pipeline.gradients.steps import Directions, along

MOST_ENTRIES = 1000
NEAR = 0.1  # of a number's scale
LOCATED = 3  # worst entries whose nearest kink is located
BEYOND = (1.1, 1.5)  # times the distance of a kink: where the slope beyond it is taken
VERDICTS: tuple[Verdict, ...] = ("wrong", "undecided", "right")


def kinks(findings: Findings) -> Doubles:
    """The distance of the nearest kink of every entry, (d, m): 0 at it, infinite for none.

    Where windows cease to agree within a tenth of the number's own scale, that is called a kink.
    """
    left, right = findings.slopes.left, findings.slopes.right
    near = NEAR * findings.own[:, None]
    with np.errstate(invalid="ignore"):
        distance = np.fmin(
            *(
                np.where(s.broken <= near, np.sqrt(s.reach * s.broken), np.inf)
                for s in (left, right)
            )
        )
    return np.asarray(np.where(findings.slopes.kinked, 0.0, distance))


def kink_of(findings: Findings, entries: tuple[Entry, ...]) -> float:
    """The distance of the nearest kink of all; of the worst entry if that has one."""
    worst = entries[0].kink if entries else np.inf
    return worst if worst < np.inf else float(kinks(findings).min(initial=np.inf))


def reach_of(findings: Findings) -> float:
    """How far from the point no kink was found."""
    sides = (findings.slopes.left, findings.slopes.right)
    return min(float(s.reach[s.present].min(initial=np.inf)) for s in sides)


def entries_of(evaluator: Evaluator, findings: Findings, wanted: float) -> tuple[Entry, ...]:
    """The entries as values: wrong ones first, then undecided ones, the largest error first."""
    found = findings.slopes
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        middle = np.where(np.isfinite(found.middle), found.middle, np.nan)
        beyond = np.abs(findings.given - np.clip(findings.given, found.low, found.high))
        error = np.where(found.kinked, beyond, np.abs(findings.given - middle))
        relative = np.where(error == 0, 0.0, error / np.abs(middle))
        badness = np.nan_to_num(error / findings.scale, nan=np.inf)
        coarse = findings.resolution > wanted * findings.scale
        spacing = 2.0 ** np.floor(np.log2(np.abs(middle)))
        ulp = error / (evaluator.argument.epsilon[findings.entries][:, None] * spacing)
    rank = np.select([findings.state == OUTSIDE, (findings.state == UNKNOWN) | coarse], [0, 1], 2)
    order = np.lexsort([-badness.reshape(-1), rank.reshape(-1)])[:MOST_ENTRIES]
    distance = kinks(findings)
    made = []
    for k, place in enumerate(order):
        d, output = (int(i) for i in np.unravel_index(place, rank.shape))
        kink, other = float(distance[d, output]), np.nan
        if k < LOCATED and 0 < kink < np.inf and findings.given.shape[1] == len(evaluator.value):
            kink, other = _kink(evaluator, findings, d, output)
        reason = findings.reasons.get((d, output), "")
        if rank[d, output] == 0:
            reason = _reason(evaluator, findings, d, output, kink, other) or reason
        made.append(
            Entry(
                index=int(findings.entries[d]),
                name=_name(evaluator, findings, d, output),
                verdict=VERDICTS[int(rank[d, output])],
                given=float(findings.given[d, output]),
                low=float(found.low[d, output]),
                high=float(found.high[d, output]),
                relative=float(relative[d, output]),
                ulp=float(ulp[d, output]),
                kink=kink,
                reason=reason,
            )
        )
    return tuple(made)


def _kink(evaluator: Evaluator, findings: Findings, d: int, output: int) -> tuple[float, float]:
    """Where the nearest kink of an entry is, and about which slope the function has beyond it."""
    side = min(findings.slopes.left, findings.slopes.right, key=lambda s: s.broken[d, output])
    sign = -1.0 if side.is_left else 1.0
    directions = Directions(entries=findings.entries[d : d + 1])
    kink = roughest_place(evaluator, directions, 0, output, sign * side.broken[d, output])
    rows, taken = along(evaluator.argument, directions, 0, sign * kink * np.array(BEYOND))
    values = evaluator.values(rows)[:, output]
    with np.errstate(divide="ignore", invalid="ignore"):
        return kink, float((values[1] - values[0]) / (taken[1] - taken[0]))


def _reason(
    evaluator: Evaluator, findings: Findings, d: int, output: int, kink: float, other: float
) -> str:
    given, found = float(findings.given[d, output]), findings.slopes
    if not np.isfinite(given):
        return ""
    if found.kinked[d, output]:
        known = findings.reasons.get((d, output), "")
        return known or "outside of all slopes that meet at this kink"
    return entry_reason(
        given,
        float(found.low[d, output]),
        float(found.high[d, output]),
        size=evaluator.argument.size,
        outputs=len(evaluator.value),
        beyond=other,
        reach=kink,
    )


def _name(evaluator: Evaluator, findings: Findings, d: int, output: int) -> str:
    name = evaluator.argument.name(int(findings.entries[d]))
    count = findings.given.shape[1]
    if count != len(evaluator.value):
        return f"{name} of mixture {output}"
    if count == 1:
        return name
    place = np.unravel_index(output, evaluator.output_shape or (1,))
    return f"{name} of output {tuple(int(i) for i in place)}"
