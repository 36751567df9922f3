"""The plan of a run on one screen."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from typing import NamedTuple

STAGES = {"table": "tables"}  # where a rule's first word is not its stage
WIDTH = 96  # characters
MOST_REASONS = 4  # of a stage
GUESS = 4.0  # seconds of a job of which nothing is known: that of starting Python


class Job(NamedTuple):
    """A job of the workflow."""

    rule: str
    reasons: tuple[str, ...]  # none where it need not run
    networks: int  # that it trains
    measured: float | None  # seconds that it took the last time
    guess: float | None  # seconds, where there is something to guess from


class _Estimate(NamedTuple):
    seconds: float
    is_measured: bool


def screen(jobs: Sequence[Job]) -> str:
    """How many networks, jobs and rules would run, why, and for how long.

    A job takes as long as the last time. Else it takes what is guessed of it, times what the others
    took in proportion to their guesses; where there is no guess, as long as other jobs of its rule.

    Args: jobs, all of the workflow, those that need not run included.
    """
    to_run = [job for job in jobs if job.reasons]
    if not to_run:
        return (
            "Nothing to be done: all results are there, and nothing that they follow from changed."
        )
    estimates = _estimates(jobs)
    networks = sum(job.networks for job in to_run)
    trained = f" and train {_count(networks, 'network')}" if networks else ""
    rules = len({job.rule for job in to_run})
    seconds = sum(estimates[job].seconds for job in to_run)
    head = (
        f"{_count(len(to_run), 'job')} of {_count(rules, 'rule')} would run{trained}, in about "
        f"{duration(seconds)} of one core ({_basis([estimates[job] for job in to_run])})."
    )
    stages: dict[str, list[Job]] = {}
    for job in to_run:
        first = job.rule.split("_")[0]
        stages.setdefault(STAGES.get(first, first), []).append(job)
    lines = [
        textwrap.fill(
            f"{len(of_stage):5}  {stage:<14}"
            f"{duration(sum(estimates[job].seconds for job in of_stage)):>11}  {_why(of_stage)}",
            WIDTH,
            subsequent_indent=" " * 34,
        )
        for stage, of_stage in stages.items()
    ]
    title = f"{'jobs':>5}  {'stage':<14}{'about':>11}  why"
    return "\n".join([textwrap.fill(head, WIDTH), "", title, *lines])


def _estimates(jobs: Sequence[Job]) -> dict[Job, _Estimate]:
    known: dict[str, list[float]] = {}
    took, guessed = 0.0, 0.0
    for job in jobs:
        if job.measured is not None:
            known.setdefault(job.rule, []).append(job.measured)
            if job.guess is not None:
                took, guessed = took + job.measured, guessed + job.guess

    def estimate(job: Job) -> _Estimate:
        if job.measured is not None:
            return _Estimate(job.measured, True)
        if job.guess is not None:
            return _Estimate(job.guess * (took / guessed if guessed else 1.0), False)
        if job.rule in known:
            return _Estimate(fmean(known[job.rule]), True)
        return _Estimate(GUESS, False)

    return {job: estimate(job) for job in jobs}


def _basis(estimates: Sequence[_Estimate]) -> str:
    measured = sum(estimate.is_measured for estimate in estimates)
    if measured == len(estimates):
        return "as measured when such jobs last ran"
    if measured:
        return f"{measured} of them as measured when such jobs last ran, the others guessed"
    return "guessed, as nothing has run here yet"


def _why(jobs: Sequence[Job]) -> str:
    counts = Counter(reason for job in jobs for reason in dict.fromkeys(job.reasons))
    shown = [
        reason if count == len(jobs) else f"{reason} ({count})"
        for reason, count in counts.most_common(MOST_REASONS)
    ]
    rest = len(counts) - len(shown)
    return "; ".join([*shown, f"{_count(rest, 'more reason')}"] if rest else shown)


def duration(seconds: float) -> str:
    """Seconds as people say them, to one or two digits."""
    for unit, length in (("day", 86400.0), ("hour", 3600.0), ("minute", 60.0)):
        if seconds >= 1.5 * length:
            return _count(round(seconds / length), unit)
    return _count(max(1, round(seconds)), "second")


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"
