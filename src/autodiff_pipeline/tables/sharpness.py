"""The sharpness by epoch over all networks of one hidden size."""

from pandas import DataFrame


def sharpness(history: DataFrame, networks: DataFrame) -> DataFrame:
    """Quantiles of the sharpness, separately for networks that diverged in the end.

    Args: history with columns data_seed, init_seed, epoch, sharpness; networks with columns
    data_seed, init_seed, status.
    Returns: status, epoch, networks, median, q25, q75, largest, over the networks of that status
    whose sharpness is a number at that epoch; ``networks`` is their number.
    """
    keys = ["data_seed", "init_seed"]
    measured = history.merge(networks[[*keys, "status"]], on=keys).dropna(subset="sharpness")
    groups = measured.groupby(["status", "epoch"])["sharpness"]
    frame = DataFrame(
        {
            "networks": groups.size(),
            "median": groups.median(),
            "q25": groups.quantile(0.25),
            "q75": groups.quantile(0.75),
            "largest": groups.max(),
        }
    )
    return frame.reset_index()
