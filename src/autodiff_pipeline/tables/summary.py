"""One row for each hidden size and optimizer: how well its networks found the truth."""

import numpy
from numpy.typing import NDArray
from pandas import DataFrame

RESAMPLES = 2000
CONFIDENCE = 0.95


def summary(networks: DataFrame, generator: numpy.random.Generator) -> DataFrame:
    """Summarize the excess risk of the trained networks of one hidden size and optimizer.

    Args: networks with columns data_seed, init_seed, status, excess_risk; generator for the
    bootstrap.
    Returns: one row: networks (all), diverged, median, q25, q75, interquartile_mean, ci_low,
    ci_high (95 % bootstrap interval of the interquartile mean); statistics over trained networks,
    NaN where there is none.
    """
    trained = networks[networks["status"] == "trained"]
    risk = trained.pivot(index="data_seed", columns="init_seed", values="excess_risk").to_numpy()
    low, high = _interval(risk, generator)
    row = {
        "networks": len(networks),
        "diverged": len(networks) - len(trained),
        "median": trained["excess_risk"].median(),
        "q25": trained["excess_risk"].quantile(0.25),
        "q75": trained["excess_risk"].quantile(0.75),
        "interquartile_mean": interquartile_mean(risk.ravel()),
        "ci_low": low,
        "ci_high": high,
    }
    return DataFrame([row])


def interquartile_mean(values: NDArray[numpy.float64]) -> float:
    """Mean of the middle half, NaN left out: a quarter of the values is cut off at either end.

    Where a quarter is not a whole number of values it is rounded down (as scipy.stats.trim_mean;
    recommended for few seeds by Agarwal et al., NeurIPS 2021).
    """
    ordered = numpy.sort(values[~numpy.isnan(values)])
    cut = len(ordered) // 4
    middle = ordered[cut : len(ordered) - cut]
    return float(middle.mean()) if len(middle) else numpy.nan


def _interval(
    risk: NDArray[numpy.float64], generator: numpy.random.Generator
) -> tuple[float, float]:
    """Bootstrap interval of the interquartile mean.

    Networks on the same data, or from the same initial seed, are not independent: data seeds and
    initial seeds are resampled separately (the pigeonhole bootstrap; Owen, Annals of Applied
    Statistics 2007).
    """
    if not risk.size:
        return numpy.nan, numpy.nan
    rows, columns = risk.shape
    means = []
    for _ in range(RESAMPLES):
        data_seeds = generator.integers(rows, size=rows)
        init_seeds = generator.integers(columns, size=columns)
        means.append(interquartile_mean(risk[numpy.ix_(data_seeds, init_seeds)].ravel()))
    tail = (1 - CONFIDENCE) / 2
    low, high = numpy.nanquantile(means, [tail, 1 - tail])
    return float(low), float(high)
