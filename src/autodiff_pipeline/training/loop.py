"""The iteration itself: a stateless step, repeated, whose results are kept at logged epochs."""

from collections.abc import Callable

import torch
from torch import Tensor

from autodiff_pipeline.networks.network import Parameters, select
from autodiff_pipeline.training.history import History, Progress, logged_epochs
from autodiff_pipeline.training.method import Method


def begin(method: Method, parameters: Parameters) -> Progress:
    """A training before its first epoch, from parameters w b v (D, I, H) and c (D, I)."""
    alive = torch.ones_like(parameters.c, dtype=torch.bool)
    none = parameters.c.new_empty(0, *parameters.c.shape)
    state = method.init(parameters)
    diverged = torch.full_like(alive, -1, dtype=torch.int64)
    return Progress(0, parameters, state, parameters, alive, diverged, none, none)


def train(
    method: Method,
    parameters: Parameters,
    epochs: int,
    report: Callable[[Progress], None] = lambda progress: None,
    measure: Callable[[Parameters], Tensor] = lambda parameters: parameters.c * torch.nan,
    resumed: Progress | None = None,
) -> History:
    """Iterate ``epochs`` times from ``parameters``.

    A network whose loss stops being finite is frozen, and does not affect the others.

    Args: parameters, w b v (D, I, H) and c (D, I); report, called after every epoch; measure,
    called with the parameters at every logged epoch, returns what is recorded beside the loss,
    (D, I); resumed, the progress of the same training when it was interrupted.
    """
    logged = logged_epochs(epochs)
    progress = resumed or begin(method, parameters)
    while progress.epoch <= epochs:
        progress = _epoch(method, progress, measure if progress.epoch in logged else None)
        report(progress)
    return History(
        logged, progress.losses, progress.parameters, progress.diverged, progress.measured
    )


def _epoch(
    method: Method, progress: Progress, measure: Callable[[Parameters], Tensor] | None
) -> Progress:
    epoch, candidate, state, parameters, lived, diverged, losses, measured = progress
    following, state, loss = method.step(candidate, state)
    alive = lived & (loss < torch.inf)  # false where the loss is not a number
    if alive.all():
        parameters = candidate
    else:
        parameters = select(alive, candidate, parameters)
        diverged = torch.where(lived & ~alive, epoch, diverged)
    if measure is not None:
        losses = torch.cat([losses, torch.where(alive, loss, torch.inf)[None]])
        measured = torch.cat([measured, torch.where(alive, measure(candidate), torch.nan)[None]])
    return Progress(epoch + 1, following, state, parameters, alive, diverged, losses, measured)
