"""The network f(x) = c + sum_h v_h phi(w_h x + b_h), and its loss.

Everything is written for one network; `torch.func.vmap` makes it serve many. Parameters are a
NamedTuple, hence a pytree that `torch.func` differentiates and maps without ceremony.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.networks.activations import Elementwise


class Parameters(NamedTuple):
    """Parameters of one network with H hidden units (leading axes: many networks)."""

    w: Tensor  # (..., H) input weights
    b: Tensor  # (..., H) biases
    v: Tensor  # (..., H) output weights
    c: Tensor  # (...)    output bias


def to_vector(parameters: Parameters) -> Tensor:
    """All numbers of parameters, of one network or many, in one vector."""
    return torch.cat([value.flatten() for value in parameters])


def from_vector(vector: Tensor, like: Parameters) -> Parameters:
    """The parameters in a vector, of the shapes of others."""
    parts = torch.split(vector, [value.numel() for value in like])
    return Parameters(*(part.view_as(value) for part, value in zip(parts, like, strict=True)))


def select(condition: Tensor, chosen: Parameters, otherwise: Parameters) -> Parameters:
    """Choose between two sets of parameters network by network, condition (D, I)."""

    def choose(a: Tensor, b: Tensor) -> Tensor:
        return torch.where(condition if a.dim() == condition.dim() else condition[..., None], a, b)

    return Parameters(*map(choose, chosen, otherwise))


def apply(parameters: Parameters, x: Tensor, activation: Elementwise) -> Tensor:
    """Predictions f(x) of one network.

    Args: parameters of one network, w b v (H,) and c (); x (n,) of the same dtype.
    Returns: (n,).
    """
    w, b, v, c = parameters
    return c + (v[:, None] * activation(w[:, None] * x + b[:, None])).sum(0)


def mean_squared_error(
    parameters: Parameters, x: Tensor, y: Tensor, activation: Elementwise
) -> Tensor:
    """Mean of (f(x) - y)^2 over the n points of one data set; a scalar, in units of y squared."""
    return (apply(parameters, x, activation) - y).square().mean()
