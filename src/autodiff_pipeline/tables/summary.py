"""How close the networks of each hidden size and optimizer come to the truth, or to new data."""

import math

import numpy
from pandas import DataFrame

from autodiff_pipeline.tables.crossed_seeds import FEWEST_SEEDS, Array, few_seeds, risk_table
from autodiff_pipeline.tables.intervals import interquartile_interval, interquartile_mean
from autodiff_pipeline.tables.measures import measure_of


def summary(networks: DataFrame) -> DataFrame:
    """Summarize how wrong the networks of one hidden size and optimizer are.

    All networks count, and the risk of one that diverged counts as infinite. If diverged
    networks were left out, an optimizer would look better the more of its bad networks diverge.

    Args: networks with columns data_seed, init_seed, status, and excess_risk or held_out_loss;
    every pair of seeds once.
    Returns: one row: networks, diverged (of these), measure (excess_risk or held_out_loss), its
    median, q25, q75, interquartile_mean, ci_low, ci_high (95 % interval of the interquartile mean)
    and note, which says why there is no interval where ci_low and ci_high are NaN.
    """
    table = risk_table(networks)
    values = numpy.sort(table.ravel())
    q25, median, q75 = (_quantile(values, share) for share in (0.25, 0.5, 0.75))
    mean = float(interquartile_mean(values))
    low, high = interquartile_interval(table)
    row = {
        "networks": len(networks),
        "diverged": int((networks["status"] != "trained").sum()),
        "measure": measure_of(networks),
        "median": median,
        "q25": q25,
        "q75": q75,
        "interquartile_mean": mean,
        "ci_low": float(low),
        "ci_high": float(high),
        "note": _note(few_seeds(table), mean),
    }
    return DataFrame([row])


def _note(few: bool, mean: float) -> str:
    if few:
        return f"no interval: it takes {FEWEST_SEEDS} data seeds and {FEWEST_SEEDS} initial seeds"
    if not numpy.isfinite(mean):
        return "no interval: more than a quarter of the networks diverged"
    return ""


def _quantile(ordered: Array, share: float) -> float:
    """A quantile, between two values by weight; infinite where either of them is."""
    place = share * (len(ordered) - 1)
    weight = place % 1
    low, high = ordered[int(place)], ordered[math.ceil(place)]
    return float(low if low == high else low * (1 - weight) + high * weight)
