"""From findings in arrays to entries worst first."""

import numpy as np

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.causes import entry_reason
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.findings import OUTSIDE, UNKNOWN, Findings
from autodiff_pipeline.gradients.report import Entry, Verdict

MOST_ENTRIES = 1000
NEAR = 0.1  # of a number's scale


def kinks(findings: Findings) -> Doubles:
    """The distance of the nearest kink of every entry, (d, m): 0 at it, infinite for none.

    Where windows cease to agree within a tenth of the number's own scale, that is called a kink.
    """
    left, right = findings.slopes.left, findings.slopes.right
    distance = np.minimum(
        *(
            np.where(s.broken <= NEAR * findings.own[:, None], np.sqrt(s.reach * s.broken), np.inf)
            for s in (left, right)
        )
    )
    return np.asarray(np.where(findings.slopes.kinked, 0.0, distance))


def kink_of(findings: Findings) -> float:
    """The distance of the nearest kink of all."""
    return float(kinks(findings).min(initial=np.inf))


def reach_of(findings: Findings) -> float:
    """How far from the point no kink was found."""
    sides = (findings.slopes.left, findings.slopes.right)
    return min(float(s.reach[s.present].min(initial=np.inf)) for s in sides)


def entries_of(evaluator: Evaluator, findings: Findings, wanted: float) -> tuple[Entry, ...]:
    """The entries as values: wrong ones first, then undecided ones, the largest error first."""
    found = findings.slopes
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        middle = np.where(np.isfinite(found.middle), found.middle, np.nan)
        error = np.abs(findings.given - np.clip(findings.given, found.low, found.high))
        error = np.where(found.kinked, error, np.abs(findings.given - middle))
        relative = np.where(error == 0, 0.0, error / np.abs(middle))
        badness = np.nan_to_num(error / findings.scale, nan=np.inf)
        coarse = findings.resolution > wanted * findings.scale
    rank = np.select([findings.state == OUTSIDE, (findings.state == UNKNOWN) | coarse], [0, 1], 2)
    order = np.lexsort([-badness.reshape(-1), rank.reshape(-1)])[:MOST_ENTRIES]
    distance = kinks(findings)
    names: list[Verdict] = ["wrong", "undecided", "right"]
    outputs = len(evaluator.value)
    mixed = findings.given.shape[1] != outputs
    made = []
    for place in order:
        d, output = (int(i) for i in np.unravel_index(place, rank.shape))
        index = int(findings.entries[d])
        name = evaluator.argument.name(index)
        if findings.given.shape[1] > 1 or mixed:
            where = f"mixture {output}" if mixed else f"output {_place(evaluator, output)}"
            name = f"{name} of {where}"
        epsilon = float(evaluator.argument.epsilon[index])
        side = min((found.left, found.right), key=lambda s: s.broken[d, output])
        reason = findings.reasons.get((d, output), "")
        if rank[d, output] == 0 and not found.kinked[d, output]:
            reason = (
                entry_reason(
                    float(findings.given[d, output]),
                    float(found.low[d, output]),
                    float(found.high[d, output]),
                    size=evaluator.argument.size,
                    outputs=outputs,
                    beyond=float(side.beyond[d, output]),
                    reach=float(distance[d, output]),
                )
                if np.isfinite(findings.given[d, output])
                else reason
            )
        elif rank[d, output] == 0 and not reason:
            reason = "outside of all slopes that meet at this kink"
        with np.errstate(divide="ignore", invalid="ignore"):
            ulp = float(
                error[d, output] / (epsilon * 2.0 ** np.floor(np.log2(np.abs(middle[d, output]))))
            )
        made.append(
            Entry(
                index=index,
                name=name,
                verdict=names[int(rank[d, output])],
                given=float(findings.given[d, output]),
                low=float(found.low[d, output]),
                high=float(found.high[d, output]),
                relative=float(relative[d, output]),
                ulp=ulp,
                kink=float(distance[d, output]),
                reason=reason,
            )
        )
    return tuple(made)


def _place(evaluator: Evaluator, output: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(output, evaluator.output_shape or (1,)))
