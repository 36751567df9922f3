"""The loss by epoch over all networks of one hidden size and optimizer."""

import numpy
from pandas import DataFrame


def convergence(history: DataFrame) -> DataFrame:
    """Median and quartiles of the training loss at every logged epoch.

    Args: history with columns epoch and loss, a row for each network and logged epoch.
    Returns: epoch, networks, median, q25, q75, over the networks whose loss is finite at that
    epoch; ``networks`` is their number.
    """
    finite = history[numpy.isfinite(history["loss"])]
    groups = finite.groupby("epoch")["loss"]
    frame = DataFrame(
        {
            "networks": groups.size(),
            "median": groups.median(),
            "q25": groups.quantile(0.25),
            "q75": groups.quantile(0.75),
        }
    )
    return frame.reset_index()
