"""Minimization with the automatic gradient and with the one by hand, one row per epoch."""

from pandas import DataFrame


def minimization(trace: DataFrame) -> DataFrame:
    """The two losses, and how far apart the two sets of parameters are.

    Args: trace with columns problem, epoch, quantity ("loss" or the name of a parameter),
    automatic, by_hand.
    Returns: problem, epoch, loss_automatic, loss_by_hand, loss_difference (automatic - by hand) and
    max_parameter_difference (absolute).
    """
    keys = ["problem", "epoch"]
    losses = trace[trace["quantity"] == "loss"].set_index(keys)[["automatic", "by_hand"]]
    parameters = trace[trace["quantity"] != "loss"].set_index(keys)
    frame = losses.add_prefix("loss_")
    frame["loss_difference"] = losses["automatic"] - losses["by_hand"]
    difference = (parameters["automatic"] - parameters["by_hand"]).abs()
    frame["max_parameter_difference"] = difference.groupby(level=keys).max()
    return frame.reset_index()
