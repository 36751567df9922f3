"""The network f(x) = c + sum_h v_h phi(w_h x + b_h), its loss, and its activations.

Everything is written for one network; `torch.func.vmap` makes it serve many. Parameters are a
NamedTuple, hence a pytree that `torch.func` differentiates and maps without ceremony.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS


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


Activation = Callable[[Tensor], Tensor]


def _tanh(a: Tensor) -> Tensor:
    """Tanh by the logistic function, which compiled code evaluates faster than `torch.tanh`.

    Faster, too, than any form found that does not cancel. It is right to a rounding error of 1,
    not of itself: beside 0 the two terms cancel, and where tanh(a) is as small as that error it
    has no digit. `stable_tanh` has all of them.
    """
    return 2 * torch.sigmoid(2 * a) - 1


def _softplus(a: Tensor) -> Tensor:
    """Softplus; torch's own threshold, 20, beyond which it returns a, is off by exp(-20) there."""
    return functional.softplus(a, threshold=40)


# Values are right to the rounding of max(1, |a|), which is what matters in a sum of units; those
# called stable have derivatives right to their own last digits too.
ACTIVATIONS: Mapping[str, Activation] = {
    "relu": torch.relu,
    "tanh": _tanh,
    "sigmoid": torch.sigmoid,
    "softplus": _softplus,
    "gelu": functional.gelu,
    "silu": functional.silu,
    **STABLE_ACTIVATIONS,
}


def apply(parameters: Parameters, x: Tensor, activation: Activation) -> Tensor:
    """Predictions f(x) of one network.

    Args: parameters of one network, w b v (H,) and c (); x (n,) of the same dtype.
    Returns: (n,).
    """
    w, b, v, c = parameters
    return c + (v[:, None] * activation(w[:, None] * x + b[:, None])).sum(0)


def mean_squared_error(
    parameters: Parameters, x: Tensor, y: Tensor, activation: Activation
) -> Tensor:
    """Mean of (f(x) - y)^2 over the n points of one data set; a scalar, in units of y squared."""
    return (apply(parameters, x, activation) - y).square().mean()
