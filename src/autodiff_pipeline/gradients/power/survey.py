"""Every checker asked about right and wrong gradients of many functions."""

from collections.abc import Iterator, Sequence
from typing import Any

from pandas import DataFrame

from autodiff_pipeline.gradients.checkers.claim import Claim
from autodiff_pipeline.gradients.checkers.registry import CHECKERS
from autodiff_pipeline.gradients.power.mutations import MUTATIONS, Trial
from autodiff_pipeline.randomness import generator


def power_survey(
    root_seed: int, *, mutation: str, deltas: Sequence[float], trials: int
) -> DataFrame:
    """The verdicts of all checkers on one mutation.

    Half of the functions have a kink near their point, at a distance between 1e-9 and 1e-3, except
    for "kink_value", where all have one at it. A trial is the same function, but for what has the
    size delta, at every delta.

    Args: mutation, one of MUTATIONS; deltas, sizes of the error, relative to the largest entry;
    trials, how many functions.
    Returns: checker, mutation, delta, trial, of_wrong and of_right: the verdict on the wrong
    gradient and on the right one.
    """
    rows = [
        row
        for delta in deltas
        for trial in range(trials)
        for row in _rows(drawn(root_seed, mutation, delta, trial), trial)
    ]
    frame = DataFrame(rows)
    frame.insert(1, "mutation", mutation)
    frame.insert(2, "delta", [delta for delta in deltas for _ in range(trials * len(CHECKERS))])
    return frame


def drawn(root_seed: int, mutation: str, delta: float, trial: int) -> Trial:
    """The trial of a number: odd ones are near kinks."""
    stream = generator(root_seed, "functions", list(MUTATIONS).index(mutation), trial)
    return MUTATIONS[mutation](stream, delta, near=trial % 2 == 1)


def _rows(trial: Trial, number: int) -> Iterator[dict[str, Any]]:
    wrong, right = (Claim(trial.function, trial.point, g) for g in (trial.wrong, trial.right))
    for name, checker in CHECKERS.items():
        yield {
            "checker": name,
            "trial": number,
            "of_wrong": checker(wrong, number),
            "of_right": checker(right, number),
        }
