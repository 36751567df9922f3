"""The state of a training under way, and the history of a finished one."""

import math
from typing import Any, NamedTuple

from torch import Tensor

from autodiff_pipeline.networks.network import Parameters

LOGGED_PER_DECADE = 16


class Progress(NamedTuple):
    """A training under way: everything that later epochs depend on, and the history so far."""

    epoch: int  # the next one
    candidate: Parameters  # after as many updates; their loss is not known yet
    state: Any  # of the method
    parameters: Parameters  # of each network, the last that had a finite loss
    alive: Tensor  # (D, I) bool: whether the loss has always been finite
    diverged: Tensor  # (D, I) int64: the first epoch with a loss that is not finite, else -1
    losses: Tensor  # (K', D, I) at the logged epochs so far; infinite after divergence
    measured: Tensor  # (K', D, I) what was measured of the parameters at these epochs


class History(NamedTuple):
    """How networks on D data sets, from I initializations each, were trained."""

    epochs: list[int]  # the K logged epochs: 0, log-spaced ones, the last
    losses: Tensor  # (K, D, I) after as many updates; infinite after divergence
    final: Parameters  # of a diverged network, the last that had a finite loss
    diverged: Tensor  # (D, I) int64: the first epoch with a loss that is not finite, else -1
    measured: Tensor  # (K, D, I) what was measured of the parameters at logged epochs


def logged_epochs(epochs: int) -> list[int]:
    """Log-spaced whole epochs from 0 to ``epochs``, both included."""
    steps = int(LOGGED_PER_DECADE * math.log10(epochs))
    spaced = (round(10 ** (step / LOGGED_PER_DECADE)) for step in range(steps + 1))
    return sorted({0, *spaced, epochs})
