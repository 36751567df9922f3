"""The iteration itself: a stateless step, repeated, with its history at logged epochs."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from autodiff_pipeline.network import Parameters
from autodiff_pipeline.training.optimizers import Optimizer, add

LOGGED_PER_DECADE = 16

# parameters of N networks -> (gradient, loss (N,))
GradientAndLoss = Callable[[Parameters], tuple[Parameters, Tensor]]


class History(NamedTuple):
    """What became of N networks."""

    epochs: list[int]  # K logged epochs: 0, log-spaced, the last
    losses: Tensor  # (K, N): after so many updates; infinite once diverged
    final: Parameters  # parameters; of a diverged network the last with a finite loss
    diverged: Tensor  # (N,) int64: the epoch at which the loss was no longer finite, else -1


def logged_epochs(epochs: int) -> list[int]:
    """Log-spaced whole epochs from 0 to ``epochs``, both included."""
    steps = int(LOGGED_PER_DECADE * math.log10(epochs))
    spaced = (round(10 ** (step / LOGGED_PER_DECADE)) for step in range(steps + 1))
    return sorted({0, *spaced, epochs})


def train(
    gradient_and_loss: GradientAndLoss,
    optimizer: Optimizer,
    parameters: Parameters,
    epochs: int,
    report: Callable[[int, Tensor], None] = lambda epoch, losses: None,
) -> History:
    """Iterate ``epochs`` times from ``parameters`` (N networks along the first axis).

    A network whose loss stops being finite is frozen and never touches the others. ``report`` is
    called at every logged epoch.
    """
    state = optimizer.init(parameters)
    logged = logged_epochs(epochs)
    losses = []
    candidate = parameters
    diverged = torch.full_like(parameters.c, -1, dtype=torch.int64)
    for epoch in range(epochs + 1):
        gradient, loss = gradient_and_loss(candidate)
        finite = torch.isfinite(loss)
        parameters = _where(finite, candidate, parameters)
        diverged = torch.where(finite | (diverged >= 0), diverged, epoch)
        if epoch in logged:
            losses.append(torch.where(diverged < 0, loss, torch.inf))
            report(epoch, losses[-1])
        change, state = optimizer.update(gradient, state)
        candidate = _where(diverged < 0, add(parameters, change), parameters)
    return History(logged, torch.stack(losses), parameters, diverged)


def _where(condition: Tensor, chosen: Any, otherwise: Any) -> Any:
    """Choose between two pytrees network by network."""
    return tree_map(
        lambda a, b: torch.where(condition.reshape(-1, *[1] * (a.dim() - 1)), a, b),
        chosen,
        otherwise,
    )
