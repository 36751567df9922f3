"""The iteration itself: a stateless step, repeated, with its history at logged epochs."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.network import Parameters
from autodiff_pipeline.training.optimizers import Optimizer, add

LOGGED_PER_DECADE = 16

# parameters of many networks -> (their gradients, their losses)
GradientAndLoss = Callable[[Parameters], tuple[Parameters, Tensor]]


class Method(NamedTuple):
    """A way to train: state goes in and comes back."""

    init: Callable[[Parameters], Any]  # parameters -> state
    # (parameters, state) -> (next parameters, state, the losses of the parameters given)
    step: Callable[[Parameters, Any], tuple[Parameters, Any, Tensor]]


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
    """Train by an optimizer that sees nothing but the gradient.

    Optimizers work element by element, so all networks' parameters are one vector to them: with
    few networks the number of operations is what takes time.
    """

    def step(parameters: Parameters, state: Any) -> tuple[Parameters, Any, Tensor]:
        gradient, loss = gradient_and_loss(parameters)
        change, state = optimizer.update(_as_vector(gradient), state)
        return add(parameters, _as_parameters(change, parameters)), state, loss

    return Method(lambda parameters: optimizer.init(_as_vector(parameters)), step)


def train(
    method: Method,
    parameters: Parameters,
    epochs: int,
    report: Callable[[int, Tensor], None] = lambda epoch, losses: None,
    measure: Callable[[Parameters], Tensor] = lambda parameters: parameters.c * torch.nan,
) -> History:
    """Iterate ``epochs`` times from ``parameters``, w b v (D, I, H) and c (D, I).

    A network whose loss stops being finite is frozen and never touches the others. ``report`` is
    called with the losses (D, I) at every logged epoch, ``measure`` with the parameters.
    """
    logged = set(logged_epochs(epochs))
    losses, measured = [], []
    alive = torch.ones_like(parameters.c, dtype=torch.bool)
    diverged = torch.full_like(alive, -1, dtype=torch.int64)
    infinity = parameters.c.new_tensor(torch.inf)
    candidate, state = parameters, method.init(parameters)
    for epoch in range(epochs + 1):
        following, state, loss = method.step(candidate, state)
        alive, lived = alive & (loss < infinity), alive  # false where the loss is not a number
        if alive.all():
            parameters = candidate
        else:
            parameters = select(alive, candidate, parameters)
            diverged = torch.where(lived & ~alive, epoch, diverged)
        if epoch in logged:
            losses.append(torch.where(alive, loss, torch.inf))
            measured.append(torch.where(alive, measure(candidate), torch.nan))
            report(epoch, losses[-1])
        candidate = following
    return History(sorted(logged), torch.stack(losses), parameters, diverged, torch.stack(measured))


def select(condition: Tensor, chosen: Parameters, otherwise: Parameters) -> Parameters:
    """Choose between two sets of parameters network by network, condition (D, I)."""

    def choose(a: Tensor, b: Tensor) -> Tensor:
        return torch.where(condition if a.dim() == condition.dim() else condition[..., None], a, b)

    return Parameters(*map(choose, chosen, otherwise))


def _as_vector(parameters: Parameters) -> Tensor:
    return torch.cat([value.flatten() for value in parameters])


def _as_parameters(vector: Tensor, like: Parameters) -> Parameters:
    parts = torch.split(vector, [value.numel() for value in like])
    return Parameters(*(part.view(value.shape) for part, value in zip(parts, like, strict=True)))
