"""The networks at which methods are compared: before and after training, with two activations.

One network of each hidden size is taken: how far a method is from the truth depends on the method
and on the size; with another seed it is larger or smaller by a factor of four at most.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from pandas import DataFrame, concat

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.gradients.agreement.case import Case
from autodiff_pipeline.gradients.agreement.comparison import agreement
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.randomness import generator

STAGES = {"initial": "initial", "trained": "final"}  # and the names of their stored parameters
ANALYTIC = "tanh"  # the activation with which the complex step is seen in any experiment
STORED = [f"{prefix}_{name}" for prefix in STAGES.values() for name in Parameters._fields]


def agreement_survey(
    networks: DataFrame,
    arrays: Mapping[str, NDArray[Any]],
    data: DataSet,
    *,
    activation: str,
    samples: int,
    root_seed: int,
) -> DataFrame:
    """Compare all methods at the first network of a hidden size, that of both seeds 0.

    With ANALYTIC there is no trained network, unless that is the activation.

    Args: networks, data_seed, init_seed and status, and the STORED arrays, a row each; data, the
    data set of seed 0; activation, with which they were trained; samples, how many points of the
    data set to take.
    Returns: init_seed, stage, activation and the columns of `comparison.agreement`.
    """
    hidden_size = arrays["initial_w"].shape[1]
    stream = generator(root_seed, "directions", hidden_size)
    direction = torch.randn(3 * hidden_size + 1, generator=stream, dtype=torch.float64)
    frames = []
    row = networks[(networks["data_seed"] == 0) & (networks["init_seed"] == 0)]
    for stage, used in _combinations(activation, row["status"].tolist()):
        stored = (arrays[f"{STAGES[stage]}_{name}"][row.index[0]] for name in Parameters._fields)
        parameters = Parameters(*(torch.tensor(value) for value in stored))
        case = Case(parameters, data.x[:samples], data.y[:samples], used)
        found = agreement(case, direction)
        labels: dict[str, Any] = {"init_seed": 0, "stage": stage, "activation": used}
        frames.append(found.assign(**labels)[[*labels, *found.columns]])
    return concat(frames)


def _combinations(activation: str, status: Sequence[str]) -> list[tuple[str, str]]:
    """The stages and activations of one network."""
    stages = [("initial", activation), ("trained", activation)]
    if status != ["trained"]:
        stages.pop()
    return stages if activation == ANALYTIC else [*stages, ("initial", ANALYTIC)]
