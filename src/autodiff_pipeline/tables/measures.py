"""How wrong a network is, in either of two measures, one of which a table of networks has."""

from pandas import DataFrame

MEASURES = {  # columns, and what they are: where the true model is known; of measurements
    "excess_risk": "excess risk",
    "held_out_loss": "held-out loss",
}


def measure_of(networks: DataFrame) -> str:
    """The column of a table of networks that says how wrong they are.

    Raises ValueError where it has not exactly one of MEASURES.
    """
    [measure] = [name for name in MEASURES if name in networks]
    return measure
