"""The iteration itself: a stateless step, repeated, with its history at logged epochs."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.networks.network import Parameters, from_vector, to_vector
from autodiff_pipeline.training.optimizers import Optimizer

LOGGED_PER_DECADE = 16

# parameters of many networks -> (their gradients, their losses)
GradientAndLoss = Callable[[Parameters], tuple[Parameters, Tensor]]


class Method(NamedTuple):
    """A way to train: state goes in and comes back."""

    init: Callable[[Parameters], Any]  # parameters -> state
    # (parameters, state) -> (next parameters, state, the losses of the parameters given)
    step: Callable[[Parameters, Any], tuple[Parameters, Any, Tensor]]


class Progress(NamedTuple):
    """Training under way: all that the epochs to come depend on, and the history so far."""

    epoch: int  # the next one
    candidate: Parameters  # after so many updates
    state: Any  # of the method
    parameters: Parameters  # of each network the last with a finite loss
    alive: Tensor  # (D, I) bool: the loss has always been finite
    diverged: Tensor  # (D, I) int64: the epoch at which it no longer was, else -1
    losses: Tensor  # (K', D, I): at the logged epochs so far; infinite once diverged
    measured: Tensor  # (K', D, I)


class History(NamedTuple):
    """What became of networks on D data sets from I initializations each."""

    epochs: list[int]  # K logged epochs: 0, log-spaced, the last
    losses: Tensor  # (K, D, I): after so many updates; infinite once diverged
    final: Parameters  # of a diverged network the last with a finite loss
    diverged: Tensor  # (D, I) int64: the epoch at which the loss was no longer finite, else -1
    measured: Tensor  # (K, D, I): what was measured of the parameters at logged epochs


def logged_epochs(epochs: int) -> list[int]:
    """Log-spaced whole epochs from 0 to ``epochs``, both included."""
    steps = int(LOGGED_PER_DECADE * math.log10(epochs))
    spaced = (round(10 ** (step / LOGGED_PER_DECADE)) for step in range(steps + 1))
    return sorted({0, *spaced, epochs})


def first_order(gradient_and_loss: GradientAndLoss, optimizer: Optimizer) -> Method:
    """Train by an optimizer that sees nothing but the gradient."""

    def step(parameters: Parameters, state: Any) -> tuple[Parameters, Any, Tensor]:
        gradient, loss = gradient_and_loss(parameters)
        change, state = optimizer.update(to_vector(gradient), state)
        return from_vector(to_vector(parameters) + change, parameters), state, loss

    return Method(lambda parameters: optimizer.init(to_vector(parameters)), step)


def begin(method: Method, parameters: Parameters) -> Progress:
    """No epoch done yet, from parameters w b v (D, I, H) and c (D, I)."""
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
    """Iterate ``epochs`` times from ``parameters``, w b v (D, I, H) and c (D, I).

    A network whose loss stops being finite is frozen and never touches the others. ``report`` is
    called after every epoch, ``measure`` with the parameters at every logged epoch. ``resumed`` is
    where the same training stood when it was interrupted.
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


def select(condition: Tensor, chosen: Parameters, otherwise: Parameters) -> Parameters:
    """Choose between two sets of parameters network by network, condition (D, I)."""

    def choose(a: Tensor, b: Tensor) -> Tensor:
        return torch.where(condition if a.dim() == condition.dim() else condition[..., None], a, b)

    return Parameters(*map(choose, chosen, otherwise))
