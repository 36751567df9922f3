"""What is known of a training: under way, and when it is done."""

import math
from typing import Any, NamedTuple

from torch import Tensor

from autodiff_pipeline.networks.network import Parameters

LOGGED_PER_DECADE = 16


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
