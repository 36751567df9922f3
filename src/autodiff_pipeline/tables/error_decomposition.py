"""Why networks are wrong: approximation, estimation and optimization."""

import numpy
from pandas import DataFrame

from autodiff_pipeline.tables.crossed_seeds import risk_table
from autodiff_pipeline.tables.intervals import interquartile_mean


def error_decomposition(networks: DataFrame, best: DataFrame) -> DataFrame:
    """The excess risk of one hidden size and optimizer as a sum of three terms.

    After Bottou & Bousquet, The Tradeoffs of Large Scale Learning (NeurIPS 2007), with the
    interquartile mean in place of the expectation, which a single wild network can dominate:

    - approximation, the excess risk of the best network of that size;
    - estimation, by how much that of the best network found for each noisy data set is larger;
    - optimization, by how much that of the networks the optimizer returned is larger still. It is
      negative where stopping early keeps a network from fitting the noise, and infinite where more
      than a quarter of the networks diverged.

    Args: networks of one hidden size and optimizer, with columns hidden_size, data_seed, init_seed,
    status, excess_risk; best, of every hidden size, with columns hidden_size, data_seed,
    excess_risk and approximation.
    Returns: one row: approximation, estimation, optimization, excess_risk, their sum.
    """
    table = risk_table(networks)
    total = interquartile_mean(table.ravel())
    best = best[best["hidden_size"] == networks["hidden_size"].iloc[0]]
    # Each is repeated for all networks on its data set, so that the same quarters are cut off.
    fitted = best.sort_values("data_seed")["excess_risk"].to_numpy()
    reached = interquartile_mean(numpy.repeat(fitted, table.shape[1]))
    approximation = best["approximation"].iloc[0]
    row = {
        "approximation": approximation,
        "estimation": reached - approximation,
        "optimization": total - reached,
        "excess_risk": total,
    }
    return DataFrame([row])
