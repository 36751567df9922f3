"""The network f(x) = c + sum_h v_h phi(w_h x + b_h), and its loss.

Everything is written for one network, and `torch.func.vmap` applies it to many. Parameters are a
NamedTuple, hence a pytree, which `torch.func` can differentiate and map directly.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.networks.activations import Elementwise


class Parameters(NamedTuple):
    """Parameters of one network with H hidden units, or of many along leading axes."""

    w: Tensor  # (..., H) input weights
    b: Tensor  # (..., H) biases
    v: Tensor  # (..., H) output weights
    c: Tensor  # (...)    output bias


def to_vector(parameters: Parameters) -> Tensor:
    """All parameters, of one network or of many, in one vector."""
    return torch.cat([value.flatten() for value in parameters])


def from_vector(vector: Tensor, like: Parameters) -> Parameters:
    """The inverse of `to_vector`; ``like`` gives the shapes."""
    parts = torch.split(vector, [value.numel() for value in like])
    return Parameters(*(part.view_as(value) for part, value in zip(parts, like, strict=True)))


def select(condition: Tensor, chosen: Parameters, otherwise: Parameters) -> Parameters:
    """Each network's parameters from ``chosen`` where condition (D, I), else from ``otherwise``."""
    of_units = condition[..., None]
    return Parameters(
        w=torch.where(of_units, chosen.w, otherwise.w),
        b=torch.where(of_units, chosen.b, otherwise.b),
        v=torch.where(of_units, chosen.v, otherwise.v),
        c=torch.where(condition, chosen.c, otherwise.c),
    )


def apply(parameters: Parameters, x: Tensor, activation: Elementwise) -> Tensor:
    """Predictions f(x) of one network.

    Args: parameters of one network, w b v (H,) and c (); x (n,) of the same dtype; activation, the
    function phi.
    Returns: (n,).
    """
    w, b, v, c = parameters
    return c + (v[:, None] * activation(w[:, None] * x + b[:, None])).sum(0)


def mean_squared_error(
    parameters: Parameters, x: Tensor, y: Tensor, activation: Elementwise
) -> Tensor:
    """The mean of (f(x) - y)^2 over one data set: (), in units of y squared.

    Args: as for `apply`; y (n,).
    """
    return (apply(parameters, x, activation) - y).square().mean()
