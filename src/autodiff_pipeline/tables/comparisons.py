"""How likely one hidden size and optimizer beats another."""

from collections.abc import Sequence
from itertools import combinations

import numpy
from pandas import DataFrame

from autodiff_pipeline.tables.crossed_seeds import Array
from autodiff_pipeline.tables.intervals import probability_interval

COLUMNS = ["hidden_size", "optimizer", "other_hidden_size", "other_optimizer"]


def comparisons(groups: Sequence[tuple[int, str]], risks: Sequence[Array]) -> DataFrame:
    """The probability that a network of one group has less excess risk than one of another.

    Both networks have the same data set and the same initial seed, hence the same initial
    parameters if their hidden sizes are equal. Each pair of seeds is a trial, and a tie counts as
    half a success. A network that diverged loses to any that did not, and ties with any that did.

    Args: groups, hidden size and optimizer of each; risks, the excess risk of each group by data
    and initial seed, (D, I), infinite where training diverged.
    Returns: one row for every pair of groups, in their order: hidden_size, optimizer,
    other_hidden_size, other_optimizer, probability, ci_low, ci_high (95 %, NaN with few seeds).
    The other group wins with probability 1 - probability.
    """
    return DataFrame(
        [
            (*groups[one], *groups[other], *_probability(risks[one], risks[other]))
            for one, other in combinations(range(len(groups)), 2)
        ],
        columns=[*COLUMNS, "probability", "ci_low", "ci_high"],
    )


def _probability(risk: Array, other: Array) -> tuple[float, float, float]:
    wins = numpy.where(risk == other, 0.5, risk < other)
    low, high = probability_interval(wins[None])
    return float(wins.mean()), float(low[0]), float(high[0])
