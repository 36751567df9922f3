"""How far every way to a network's gradient is from the truth."""

from pandas import DataFrame

KEYS = "hidden_size init_seed stage activation quantity dtype method truth".split()


def gradient_agreement(agreement: DataFrame) -> DataFrame:
    """The largest error of every method, relative to the largest entry of the truth.

    Entries are not divided one by one: one that is nearly 0 because its terms cancel has no more
    correct digits than its terms have, by whichever method.

    Args: agreement, a row for each kind of parameter, with max_error and max_truth.
    Returns: hidden_size, init_seed, stage, activation, quantity, dtype, method, truth and
    max_relative_error, NaN where all of the truth is 0 or not known.
    """
    largest = agreement.groupby(KEYS, sort=False)[["max_error", "max_truth"]].max().reset_index()
    largest["max_relative_error"] = largest["max_error"] / largest["max_truth"]
    return largest.drop(columns=["max_error", "max_truth"])
