"""When runs by different gradients first differ, and whether kinks are why they part."""

import numpy
from pandas import DataFrame, Series

DIVERGED = {"float32": 1e-10 * 2.0**29, "float64": 1e-10}  # the same number of ulp
KEYS = ["dtype", "gradient"]


def trajectories(growth: DataFrame) -> DataFrame:
    """One row a dtype and gradient, beside the automatic gradient of the same dtype.

    Args: growth with columns dtype, gradient, epoch, difference, ulp, points_apart and crossings,
    at every epoch.
    Returns: dtype, gradient, first_difference (the first epoch at which a bit of a parameter
    differs), largest_difference and largest_ulp, crossings (points that kinks passed), first_apart
    (the first epoch at which a point lies on different sides of a kink), epochs_apart, limit,
    diverged (the first epoch with a difference above the limit; epochs are empty where there is
    none) and follows_crossing (whether all differences above the limit come after first_apart,
    which holds where there are none).
    """
    rows = []
    for key, run in growth[growth["gradient"] != "automatic"].groupby(KEYS, sort=False):
        dtype, gradient = map(str, key)
        limit = DIVERGED[dtype]
        apart = _first(run, run["points_apart"] > 0)
        diverged = _first(run, run["difference"] > limit)
        rows.append(
            {
                "dtype": dtype,
                "gradient": gradient,
                "first_difference": _first(run, run["difference"] > 0),
                "largest_difference": run["difference"].max(),
                "largest_ulp": run["ulp"].max(),
                "crossings": run["crossings"].sum(),
                "first_apart": apart,
                "epochs_apart": (run["points_apart"] > 0).sum(),
                "limit": limit,
                "diverged": diverged,
                "follows_crossing": bool(numpy.isnan(diverged) or apart < diverged),
            }
        )
    frame = DataFrame(rows)
    epochs = ["first_difference", "first_apart", "diverged"]
    return frame.astype(dict.fromkeys(epochs, "Int64"))


def _first(run: DataFrame, holds: "Series[bool]") -> float:
    """The first epoch at which something holds, or NaN."""
    epochs = run.loc[holds, "epoch"]
    return float(epochs.min()) if len(epochs) else numpy.nan
