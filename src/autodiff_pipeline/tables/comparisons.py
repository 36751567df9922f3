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

    Both are trained on the same data set, and from the same initial seed: of one hidden size these
    are the same initial parameters. Each pair of seeds is a trial, a tie half a success; a network
    that diverged loses against any that did not, and ties with another that did.

    Args: groups, hidden size and optimizer; risks, the excess risk of each group by data and
    initial seed, (D, I), infinite where training diverged.
    Returns: one row for every two groups, in their order: hidden_size, optimizer,
    other_hidden_size, other_optimizer, probability, ci_low, ci_high (95 %, NaN with few seeds).
    That the other wins has the probability 1 - probability.
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
