"""The analysis of variance of networks that are crossed by data seed and initial seed.

Networks with the same data or the same initial seed are not independent. A table of D data seeds by
I initial seeds is modelled as the sum of a mean, an effect of the data, an effect of the
initialization and their interaction; deterministic training adds no other noise (two-way crossed
random effects: Searle, Casella & McCulloch, Variance Components, 1992, chapter 4).
"""

from typing import NamedTuple

import numpy
from numpy.typing import NDArray
from pandas import DataFrame

from autodiff_pipeline.tables.measures import measure_of

Array = NDArray[numpy.float64]

FEWEST_SEEDS = 3  # of either kind: with two, intervals cover too seldom


class MeanSquares(NamedTuple):
    """Mean squares of tables (..., D, I), each of shape (...)."""

    data: Array  # D - 1 degrees of freedom
    initialization: Array  # I - 1
    interaction: Array  # (D - 1) (I - 1)


class Mean(NamedTuple):
    """The uncertainty of the mean of tables, each field of shape (...)."""

    variance: Array
    degrees: Array  # of freedom, for Student's t


def risk_table(networks: DataFrame) -> Array:
    """How wrong networks are by seeds, (D, I); infinite where training diverged.

    A network that diverged counts as worse than any that did not, so that the table has no gaps and
    quantiles are those of all networks, not just of the survivors.

    Args: networks with columns data_seed, init_seed, status, and excess_risk or held_out_loss;
    every pair of seeds once.
    """
    risk = networks[measure_of(networks)].where(networks["status"] == "trained", numpy.inf)
    pivot = networks.assign(risk=risk).pivot(index="data_seed", columns="init_seed", values="risk")
    return pivot.to_numpy(dtype=float)


def few_seeds(table: Array) -> bool:
    """Whether tables (..., D, I) have too few seeds of a kind for an interval."""
    return bool(min(table.shape[-2:]) < FEWEST_SEEDS)


def mean_squares(table: Array) -> MeanSquares:
    """The two-way analysis of variance of tables (..., D, I), D and I at least 2."""
    data_seeds, init_seeds = table.shape[-2:]
    mean = table.mean((-2, -1), keepdims=True)
    by_data, by_init = table.mean(-1, keepdims=True), table.mean(-2, keepdims=True)
    rest = table - by_data - by_init + mean
    data = init_seeds * numpy.square(by_data - mean).sum((-2, -1)) / (data_seeds - 1)
    initialization = data_seeds * numpy.square(by_init - mean).sum((-2, -1)) / (init_seeds - 1)
    interaction = numpy.square(rest).sum((-2, -1)) / ((data_seeds - 1) * (init_seeds - 1))
    return MeanSquares(data, initialization, interaction)


def mean_of(table: Array) -> Mean:
    """Variance of the mean over tables (..., D, I), with its degrees of freedom.

    The variance is (MS_data + MS_initialization - MS_interaction) / (D I), which is unbiased, but
    at least MS_interaction / (D I), as for independent networks. Its degrees of freedom are
    Satterthwaite's (Biometrics Bulletin 1946), with `_degrees_of` (k) for k seeds.
    """
    data_seeds, init_seeds = table.shape[-2:]
    data, initialization, interaction = mean_squares(table)
    of_data, of_initialization = _degrees_of(data_seeds), _degrees_of(init_seeds)
    of_interaction = of_data * of_initialization
    total = data + initialization - interaction
    spread = (
        numpy.square(data) / of_data
        + numpy.square(initialization) / of_initialization
        + numpy.square(interaction) / of_interaction
    )
    crossed = total > interaction
    degrees = numpy.square(total) / numpy.where(crossed, spread, 1)
    return Mean(
        numpy.where(crossed, total, interaction) / (data_seeds * init_seeds),
        numpy.where(crossed, numpy.maximum(degrees, 1), of_interaction),
    )


def _degrees_of(seeds: int) -> float:
    """Degrees of freedom of k seeds: (3 k - 1) / 4.

    These are fewer than the k - 1 of a plain mean, because the quartiles at which values are
    clipped are estimated too, and more than the k / 2 - 1 of Tukey & McLaughlin (Sankhya A 1963)
    for independent values. They were chosen by the coverage that tests/tables/test_coverage.py
    measures.
    """
    return (3 * seeds - 1) / 4
