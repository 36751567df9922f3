"""Minimization with the automatic beside the exact derivative, one row an epoch."""

from pandas import DataFrame


def minimization(trace: DataFrame) -> DataFrame:
    """The two losses and how far the two sets of parameters are apart.

    Args: trace with columns problem, epoch, quantity ("loss" or the name of a parameter),
    automatic, exact.
    Returns: problem, epoch, loss_automatic, loss_exact, loss_difference (automatic - exact) and
    max_parameter_difference (absolute).
    """
    keys = ["problem", "epoch"]
    losses = trace[trace["quantity"] == "loss"].set_index(keys)[["automatic", "exact"]]
    parameters = trace[trace["quantity"] != "loss"].set_index(keys)
    frame = losses.add_prefix("loss_")
    frame["loss_difference"] = losses["automatic"] - losses["exact"]
    difference = (parameters["automatic"] - parameters["exact"]).abs()
    frame["max_parameter_difference"] = difference.groupby(level=keys).max()
    return frame.reset_index()
