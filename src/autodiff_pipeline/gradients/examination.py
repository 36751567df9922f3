"""Examining one gradient of one function, from the calls of the function to the report."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.causes import causes_of
from autodiff_pipeline.gradients.conduct import Conduct, conduct_of
from autodiff_pipeline.gradients.directions import swept
from autodiff_pipeline.gradients.evaluation import Evaluator, in_float64
from autodiff_pipeline.gradients.findings import INSIDE, OUTSIDE, UNKNOWN, Findings
from autodiff_pipeline.gradients.given import (
    Gradient,
    gradient_of,
    is_function,
    misused_upstream,
    reverse_mode,
)
from autodiff_pipeline.gradients.judge import judged
from autodiff_pipeline.gradients.mixtures import MIXTURES, mixed
from autodiff_pipeline.gradients.report import Report, Verdict
from autodiff_pipeline.gradients.summary import entries_of, kink_of, reach_of

ENTRYWISE = 1024  # entries up to which every one is looked at
ENTRYWISE_SINGLY = 64  # entries, where the function has to be evaluated one by one
PAIRS = 4096  # of entry and output, up to which outputs are not mixed
SPOT_NUMBERS = 2**18  # entries of the point times those looked at one by one, about
SPOT_CHECKS = 16  # entries of a large point that are looked at one by one
FORMAT_ALLOWANCE = 2.0**15  # epsilons of a format that are wanted at best
COARSEST = 0.25
BLURRED = 2.0  # times the resolution stated
STAIRCASE_ALLOWANCE = 1e-3  # relative, of functions that are staircases
MOVES = {"zero": 0.0, "the opposite point": -1.0, "twice the point": 2.0, "half the point": 0.5}


@dataclass(frozen=True)
class _Looked:
    """What was found, and how it was looked for."""

    findings: Findings
    coverage: str
    unexplained: int = 0  # directions that fail though no entry does
    resolution: float = 0.0  # of the directions


def examined(evaluator: Evaluator, gradient: Any, wanted: float, seed: int) -> Report:
    """The report on a gradient of an evaluator's function; see `certify`."""
    rng = np.random.default_rng(seed)
    n, m = evaluator.argument.size, len(evaluator.value)
    asked, outputs = evaluator, ""
    if n * m > PAIRS and m > MIXTURES:
        evaluator, judge = mixed(evaluator, gradient, rng)
        outputs = f" of {MIXTURES} random mixtures of the {m} outputs"
    else:
        judge = gradient_of(evaluator, gradient)
        outputs = f" of all {m} outputs" if m > 1 else ""
    jacobian = judge(evaluator.argument.numbers)
    if isinstance(jacobian, str):
        return _stopped(evaluator, "wrong", (jacobian,))
    if n == 0 or m == 0:
        return _stopped(evaluator, "right", (), resolution=0.0)
    conduct = conduct_of(evaluator, rng)
    if not np.isfinite(evaluator.value).all():
        return _stopped(evaluator, "undecided", ("the function is not finite at the point",))
    if not conduct.is_function:
        return _stopped(evaluator, "undecided", conduct.remarks, repeats=False)
    upstream = "" if gradient is not None else misused_upstream(evaluator, jacobian, rng)
    value = gradient is not None and not is_function(gradient)
    reference = judge if not value else _reverse_mode_of(evaluator)
    allowed = max(wanted, min(COARSEST, FORMAT_ALLOWANCE * _coarsest(evaluator)))
    measured = in_float64(evaluator)
    looked = _looked(measured, jacobian, reference, allowed, rng)
    allowed = max(allowed, min(STAIRCASE_ALLOWANCE, float(looked.findings.floor.max(initial=0))))
    remarks = list(conduct.remarks)
    if not _same(judge(evaluator.argument.numbers), jacobian):
        remarks.append("the gradient does not repeat exactly")
    if looked.unexplained:
        remarks.append(
            "along some directions the gradient misses the slope though no single entry does: "
            "several entries have kinks at once"
        )
    findings = looked.findings
    verdict = _verdict(looked, conduct, allowed, refuted=bool(upstream))
    resolution = (findings.resolution / findings.stated).max(initial=looked.resolution)
    blurred = _blurred(findings, float(resolution))
    causes = causes_of(evaluator.argument, findings, jacobian, _elsewhere(evaluator))
    entries = entries_of(asked, findings, allowed)
    return Report(
        verdict=verdict,
        entries=entries,
        resolution=float(resolution),
        blurred=len(blurred),
        blurred_resolution=float(blurred.max(initial=0.0)),
        evaluations=measured.evaluations + (0 if asked is evaluator else asked.evaluations),
        coverage=looked.coverage + outputs,
        kink=kink_of(findings, entries),
        reach=reach_of(findings),
        repeats=conduct.repeats,
        causes=((upstream,) if upstream else ()) + causes,
        remarks=tuple(remarks),
    )


def _verdict(looked: _Looked, conduct: Conduct, allowed: float, *, refuted: bool) -> Verdict:
    findings = looked.findings
    if refuted or (findings.state == OUTSIDE).any():
        return "wrong"
    reached = (findings.resolution / findings.scale).max(initial=looked.resolution)
    open_ = (findings.state == UNKNOWN).any() or looked.unexplained or not reached <= allowed
    return "undecided" if open_ or conduct.writes else "right"


def _blurred(findings: Findings, resolution: float) -> Doubles:
    """How well entries are known, relative to themselves, that are known worse than stated."""
    given = np.abs(findings.given)
    some = np.isfinite(given) & (given > 0) & np.isfinite(findings.resolution)
    own = findings.resolution[some] / given[some]
    return np.asarray(own[own > BLURRED * resolution])


def _stopped(
    evaluator: Evaluator,
    verdict: Verdict,
    remarks: tuple[str, ...],
    *,
    repeats: bool = True,
    resolution: float = np.inf,
) -> Report:
    """A report without a single slope."""
    return Report(
        verdict=verdict,
        entries=(),
        resolution=resolution,
        blurred=0,
        blurred_resolution=0.0,
        evaluations=evaluator.evaluations,
        coverage="no entry",
        kink=np.inf,
        reach=0.0,
        repeats=repeats,
        causes=(),
        remarks=remarks,
    )


def _looked(
    evaluator: Evaluator,
    jacobian: Doubles,
    reference: Gradient,
    wanted: float,
    rng: np.random.Generator,
) -> _Looked:
    """All entries one by one, or directions over all of them and some one by one."""
    n = evaluator.argument.size
    if n <= (ENTRYWISE if evaluator.batches else ENTRYWISE_SINGLY):
        findings = judged(evaluator, jacobian, reference, np.arange(n), wanted=wanted, rng=rng)
        return _Looked(findings, f"all {n} entries" if n > 1 else "the one entry")
    sweep = swept(evaluator, jacobian, rng)
    entries = np.unique(np.concatenate([sweep.suspects, _spot_checks(jacobian, rng)]))
    findings = judged(evaluator, jacobian, reference, entries, wanted=wanted, rng=rng)
    followed = np.isin(entries, sweep.suspects)
    cleared = bool(followed.any()) and bool((findings.state[followed] == INSIDE).all())
    coverage = (
        f"all {n} entries together along {sweep.directions} random signed directions, and "
        f"{len(entries)} one by one"
    )
    return _Looked(findings, coverage, sweep.unexplained + cleared, sweep.resolution)


def _spot_checks(jacobian: Doubles, rng: np.random.Generator) -> NDArray[np.int64]:
    """The smallest, the largest and random entries; fewer of a larger point."""
    size = np.abs(np.nan_to_num(jacobian, nan=np.inf)).max(0)
    order = np.argsort(size)
    quarter = int(np.clip(SPOT_NUMBERS // len(size), 1, SPOT_CHECKS)) // 4
    drawn = rng.integers(0, len(size), 2 * quarter + 1)
    return np.concatenate([order[:quarter], order[len(size) - quarter :], drawn])


def _coarsest(evaluator: Evaluator) -> float:
    return float(max(evaluator.argument.epsilon.max(initial=0.0), evaluator.output_epsilon))


def _same(a: Doubles | str, b: Doubles) -> bool:
    return not isinstance(a, str) and np.array_equal(a, b, equal_nan=True)


def _reverse_mode_of(evaluator: Evaluator) -> Gradient:
    return lambda row: reverse_mode(evaluator, row)


def _elsewhere(evaluator: Evaluator) -> Callable[[str], Doubles | None]:
    """Reverse mode of the function at other points, by their names."""

    def at(name: str) -> Doubles | None:
        found = reverse_mode(evaluator, MOVES[name] * evaluator.argument.numbers)
        return None if isinstance(found, str) else found

    return at
