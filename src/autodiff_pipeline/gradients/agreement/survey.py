"""The networks at which methods are compared: before and after training, with two activations."""

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
    init_seeds: int,
    samples: int,
    root_seed: int,
) -> DataFrame:
    """Compare all methods at networks of one hidden size, trained on the data set of seed 0.

    With ANALYTIC there are no trained networks, unless that is the activation.

    Args: networks, data_seed, init_seed and status, and the STORED arrays, a row each; activation,
    with which they were trained; init_seeds, how many of them to take, all of the Hessian being
    compared for the first only; samples, how many points of the data set to take.
    Returns: init_seed, stage, activation and the columns of `comparison.agreement`.
    """
    hidden_size = arrays["initial_w"].shape[1]
    stream = generator(root_seed, "directions", hidden_size)
    direction = torch.randn(3 * hidden_size + 1, generator=stream, dtype=torch.float64)
    frames = []
    for init_seed in range(init_seeds):
        row = networks[(networks["data_seed"] == 0) & (networks["init_seed"] == init_seed)]
        for stage, used in _combinations(activation, row["status"].tolist()):
            stored = (
                arrays[f"{STAGES[stage]}_{name}"][row.index[0]] for name in Parameters._fields
            )
            parameters = Parameters(*(torch.tensor(value) for value in stored))
            case = Case(parameters, data.x[:samples], data.y[:samples], used)
            found = agreement(case, direction, hessian=init_seed == 0)
            labels: dict[str, Any] = {"init_seed": init_seed, "stage": stage, "activation": used}
            frames.append(found.assign(**labels)[[*labels, *found.columns]])
    return concat(frames)


def _combinations(activation: str, status: Sequence[str]) -> list[tuple[str, str]]:
    """The stages and activations of one network."""
    stages = [("initial", activation), ("trained", activation)]
    if status != ["trained"]:
        stages.pop()
    return stages if activation == ANALYTIC else [*stages, ("initial", ANALYTIC)]
