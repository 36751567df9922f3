"""One job of the sweep: every network of one hidden size, or a block of them, by one optimizer."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import torch
from pandas import DataFrame
from torch import Tensor

from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.engines import choose_engine
from autodiff_pipeline.training.history import Progress, logged_epochs
from autodiff_pipeline.training.method import Method
from autodiff_pipeline.training.registry import make_method
from autodiff_pipeline.training.sharpness import sharpness

TOLD = 10  # lines of progress a training


class Job(NamedTuple):
    """What `loop.train` needs to train the networks of one job."""

    engine: str  # its name, and why it was chosen
    method: Method
    initial: Parameters  # w b v (D, I, H) and c (D, I)
    epochs: int
    measure: Callable[[Parameters], Tensor]  # what is recorded beside the loss, (D, I)


def job(
    settings: Mapping[str, Any],
    x: Tensor,
    y: Tensor,
    *,
    optimizer: str,
    hidden_size: int,
    data_seeds: Sequence[int],
    init_seeds: Sequence[int],
    compiler: bool,
) -> Job:
    """Make ready to train I initializations on each of D data sets, x and y (D, n).

    Args: settings, root_seed and the keys of the configuration's `training`, those of the chosen
    optimizer under "optimizer", and under "sharpness" whether to measure it; compiler, whether
    there is one for C++.
    Raises ValueError where the device asked for is not there.
    """
    if settings["device"] == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            "configuration key 'training.device' is \"cuda\", but torch finds no GPU here: give cpu"
        )
    x, y = x.to(settings["device"]), y.to(settings["device"])
    of_optimizer = dict(settings["optimizer"])
    epochs = of_optimizer.pop("epochs", settings["epochs"])
    engine = choose_engine(
        settings["engine"],
        settings["activation"],
        work=hidden_size * x.shape[1] * epochs,
        compiler=compiler,
    )
    gradient = engine.batched_gradient(x, y, settings["gradient"])
    initial = initial_parameters(settings["root_seed"], data_seeds, init_seeds, hidden_size)
    return Job(
        engine=f"{engine.name}: {engine.reason}",
        method=make_method(optimizer, of_optimizer, gradient, x, y),
        initial=Parameters(*(value.to(x.device) for value in initial)),
        epochs=epochs,
        measure=partial(sharpness, gradient, values_per_unit=engine.values_per_unit(x.shape[1]))
        if settings["sharpness"]
        else _nothing,
    )


def _nothing(parameters: Parameters) -> Tensor:
    return torch.full_like(parameters.c, torch.nan)


def stacked(data_sets: Sequence[DataFrame]) -> tuple[Tensor, Tensor]:
    """X and y of D data sets of equal size, each (D, n) float64."""
    x, y = (torch.stack([torch.tensor(d[name].to_numpy()) for d in data_sets]) for name in "xy")
    return x, y


def told_epochs(epochs: int) -> set[int]:
    """The epochs of which progress is told: in each tenth of the way the first that is logged."""
    return set(
        {TOLD * epoch // epochs: epoch for epoch in reversed(logged_epochs(epochs))}.values()
    )


def progress_line(progress: Progress, epochs: int) -> str:
    """How far training is and how well it does, in a few words."""
    losses = progress.losses[-1]
    finite = losses[torch.isfinite(losses)]
    return f"epoch {progress.epoch - 1} of {epochs}: median loss {finite.median():.6g}"
