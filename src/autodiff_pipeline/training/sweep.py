"""One job of the sweep: the networks of one hidden size and optimizer, or a block of them."""

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
    """Prepare to train networks from I initial seeds on each of D data sets.

    Args: settings, root_seed and the keys of the configuration's `training`, with the settings of
    the chosen optimizer under "optimizer", and whether to measure the sharpness under "sharpness";
    x and y (D, n); optimizer, a name in OPTIMIZERS; data_seeds (D) and init_seeds (I); compiler,
    whether a C++ compiler is available.
    Raises ValueError where the configured device is missing.
    """
    if settings["device"] == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            "configuration key 'training.device' is \"cuda\", but torch finds no GPU here: give cpu"
        )
    x, y = x.to(settings["device"]), y.to(settings["device"])
    samples = x.shape[1]
    of_optimizer = dict(settings["optimizer"])
    epochs = of_optimizer.pop("epochs", settings["epochs"])
    engine = choose_engine(
        settings["engine"],
        settings["activation"],
        work=hidden_size * samples * epochs,
        compiler=compiler,
    )
    gradient = engine.batched_gradient(x, y, settings["gradient"])
    initial = initial_parameters(settings["root_seed"], data_seeds, init_seeds, hidden_size)
    measure: Callable[[Parameters], Tensor] = _nothing
    if settings["sharpness"]:
        measure = partial(sharpness, gradient, values_per_unit=engine.values_per_unit(samples))
    return Job(
        engine=f"{engine.name}: {engine.reason}",
        method=make_method(optimizer, of_optimizer, gradient, x, y),
        initial=Parameters(*(value.to(x.device) for value in initial)),
        epochs=epochs,
        measure=measure,
    )


def _nothing(parameters: Parameters) -> Tensor:
    return torch.full_like(parameters.c, torch.nan)


def stacked(data_sets: Sequence[DataFrame]) -> tuple[Tensor, Tensor]:
    """The columns x and y of D data sets of equal size, each (D, n) float64."""
    x, y = (torch.stack([torch.tensor(d[name].to_numpy()) for d in data_sets]) for name in "xy")
    return x, y


def told_epochs(epochs: int) -> set[int]:
    """The epochs at which progress is reported: the first that is logged in each tenth."""
    first_in_tenth: dict[int, int] = {}
    for epoch in logged_epochs(epochs):
        first_in_tenth.setdefault(TOLD * epoch // epochs, epoch)
    return set(first_in_tenth.values())


def progress_line(progress: Progress, epochs: int) -> str:
    """One line that says how far training is, and the median loss."""
    losses = progress.losses[-1]
    finite = losses[torch.isfinite(losses)]
    return f"epoch {progress.epoch - 1} of {epochs}: median loss {finite.median():.6g}"
