"""Minimization with the automatic gradient and with others, one row per epoch."""

from pandas import DataFrame


def minimization(trace: DataFrame, growth: DataFrame) -> DataFrame:
    """The two losses, and how far apart the runs are.

    Args: trace with columns problem, epoch, quantity ("loss" or the name of a parameter),
    automatic, by_hand; growth, of the network only, with columns dtype, gradient, epoch, ulp,
    points_apart and crossings, at every epoch.
    Returns: problem, epoch, loss_automatic, loss_by_hand, loss_difference (automatic - by hand) and
    max_parameter_difference (absolute). Of the network also, for gradients by_hand and moments
    beside the automatic one of the same dtype, ulp_{gradient}_{dtype}, the largest difference of a
    parameter, and apart_{gradient}_{dtype}, at how many epochs so far a point of the data lay on
    different sides of a kink; and crossings_{gradient}_{dtype}, how many points kinks have passed
    so far, of the automatic gradient too.
    """
    keys = ["problem", "epoch"]
    losses = trace[trace["quantity"] == "loss"].set_index(keys)[["automatic", "by_hand"]]
    parameters = trace[trace["quantity"] != "loss"].set_index(keys)
    frame = losses.add_prefix("loss_")
    frame["loss_difference"] = losses["automatic"] - losses["by_hand"]
    difference = (parameters["automatic"] - parameters["by_hand"]).abs()
    frame["max_parameter_difference"] = difference.groupby(level=keys).max()
    so_far = {}
    for (dtype, gradient), run in growth.groupby(["dtype", "gradient"], sort=False):
        of_epoch = run.set_index("epoch")
        if gradient != "automatic":
            so_far[f"ulp_{gradient}_{dtype}"] = of_epoch["ulp"]
            apart = (of_epoch["points_apart"] > 0).cumsum()
            so_far[f"apart_{gradient}_{dtype}"] = apart.astype("Int64")
        so_far[f"crossings_{gradient}_{dtype}"] = of_epoch["crossings"].cumsum().astype("Int64")
    more = DataFrame(so_far).assign(problem="network").reset_index().set_index(keys)
    return frame.join(more).reset_index()
