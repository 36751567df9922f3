"""What is stored of a training: a row per network, a row per network and epoch, the parameters.

Networks are ordered by data seed, then by initial seed.
"""

from collections.abc import Sequence
from typing import Any

import numpy
from numpy.typing import NDArray
from pandas import DataFrame, MultiIndex

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.history import History


def networks_frame(
    history: History, data_seeds: Sequence[int], init_seeds: Sequence[int]
) -> DataFrame:
    """How every network ended.

    Returns: data_seed, init_seed, status ("trained" or "diverged"), epochs (how many were trained
    or, for a diverged network, the first with a loss that is not finite), train_loss (infinite for
    a diverged network).
    """
    diverged = history.diverged.flatten().cpu().numpy()
    return _seeds(data_seeds, init_seeds).assign(
        status=numpy.where(diverged < 0, "trained", "diverged"),
        epochs=numpy.where(diverged < 0, history.epochs[-1], diverged),
        train_loss=history.losses[-1].flatten().cpu().numpy(),
    )


def history_frame(
    history: History, data_seeds: Sequence[int], init_seeds: Sequence[int]
) -> DataFrame:
    """The history of every network.

    Returns: data_seed, init_seed, epoch, loss, sharpness, a row for every logged epoch.
    """
    seeds = _seeds(data_seeds, init_seeds)
    loss, sharpness = (
        values.flatten(1).T.flatten().cpu().numpy()  # by network, then by epoch
        for values in (history.losses, history.measured)
    )
    return seeds.loc[seeds.index.repeat(len(history.epochs))].assign(
        epoch=numpy.tile(history.epochs, len(seeds)), loss=loss, sharpness=sharpness
    )


def parameter_arrays(
    initial: Parameters, final: Parameters, data_seeds: Sequence[int], init_seeds: Sequence[int]
) -> dict[str, NDArray[Any]]:
    """Parameters (D, I, ...) as named arrays, networks along the first axis.

    Returns: data_seed and init_seed (networks,); initial_w .. final_c (networks, H) or (networks,).
    """
    seeds = _seeds(data_seeds, init_seeds)
    return {
        **{name: seeds[name].to_numpy() for name in ("data_seed", "init_seed")},
        **{
            f"{stage}_{name}": value.flatten(0, 1).cpu().numpy()
            for stage, parameters in (("initial", initial), ("final", final))
            for name, value in parameters._asdict().items()
        },
    }


def _seeds(data_seeds: Sequence[int], init_seeds: Sequence[int]) -> DataFrame:
    pairs = MultiIndex.from_product([data_seeds, init_seeds], names=["data_seed", "init_seed"])
    return pairs.to_frame(index=False)
