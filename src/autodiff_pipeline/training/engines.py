"""Which engine trains the networks, and why."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from torch import Tensor

from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.loop import GradientAndLoss


class Engine(NamedTuple):
    """A way to the losses and gradients of many networks."""

    name: str
    reason: str
    batched_gradient: Callable[[Tensor, Tensor, str], GradientAndLoss]  # (x, y, gradient)


def choose_engine(name: str, activation: str) -> Engine:
    """The engine of that name; for "auto", moments wherever they serve.

    Raises ValueError where moments are asked for with an activation other than relu.
    """
    by_moments = Engine(
        "moments", "relu on scalar inputs needs no pass over the data", moments.batched_gradient
    )
    by_passes = Engine(
        "dense",
        f"{activation} needs every sample at every step" if name == "auto" else "as configured",
        partial(dense.batched_gradient, activation=activation),
    )
    if name == "dense" or (name == "auto" and activation != "relu"):
        return by_passes
    if activation != "relu":
        raise ValueError(f"the engine moments serves the activation relu, not {activation}")
    return by_moments
