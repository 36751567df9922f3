"""The nearest kink of every network, and what it does to finite differences."""

from pandas import DataFrame

KEYS = "hidden_size optimizer data_seed init_seed kink_distance".split()
VISIBLE = 100.0  # times the error just inside: the least that counts as a jump
SMALL = 1e-9  # an error just inside that is no larger is one of rounding


def gradient_kinks(kinks: DataFrame) -> DataFrame:
    """The error of a five-point stencil on both sides of the predicted distance of the kink.

    Args: kinks, a row for each network and reach of the stencil, in units of kink_distance.
    Returns: hidden_size, optimizer, data_seed, init_seed, kink_distance, error_inside and
    error_outside (of reaches below and above 1), bracketed (whether the error jumps between them)
    and gradcheck_false_alarm.
    """
    networks = kinks.drop_duplicates(KEYS).set_index(KEYS)
    inside, outside = (
        kinks[side].groupby(KEYS, sort=False, dropna=False)["error"].max()
        for side in (kinks["reach"] < 1, kinks["reach"] > 1)
    )
    frame = inside.rename("error_inside").to_frame().assign(error_outside=outside)
    small = frame["error_inside"] <= SMALL
    frame["bracketed"] = small & (frame["error_outside"] >= VISIBLE * frame["error_inside"])
    frame["gradcheck_false_alarm"] = networks["false_alarm"]
    return frame.reset_index()
