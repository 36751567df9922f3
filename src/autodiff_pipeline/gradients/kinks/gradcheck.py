"""Where `torch.autograd.gradcheck` with its defaults calls a right gradient wrong.

It takes a central difference by every parameter, (L(p + eps) - L(p - eps)) / (2 eps), and alarms
where that differs from the gradient by more than atol + rtol |difference|. By a single parameter
the loss of a network of one hidden layer is a polynomial of degree 2, which a central difference
differentiates without error, unless a preactivation crosses 0 on the way, or rounding is as large
as the tolerance. So only such parameters are looked at: gradcheck itself evaluates the loss at
6 H + 2 other points for every network.
"""

import torch
from torch import Tensor
from torch.func import vmap
from torch.nn.functional import one_hot

from autodiff_pipeline.gradients.kinks.stencil import over_units
from autodiff_pipeline.networks.by_hand import network_gradient
from autodiff_pipeline.networks.network import (
    Parameters,
    from_vector,
    mean_squared_error,
    to_vector,
)

EPS, ATOL, RTOL = 1e-6, 1e-5, 1e-3  # the defaults of torch.autograd.gradcheck
SPARE = 1.0001  # crossings are looked for as far as this times EPS
ROUNDING = 64 * 2.0**-53  # of a loss, relative, at most


def false_alarms(parameters: Parameters, x: Tensor, y: Tensor, at_once: int) -> Tensor:
    """Whether gradcheck's central differences miss the gradient of the mean squared error.

    Args: K ReLU networks, w b v (K, H) and c (K,), and their data, x and y (K, n), all float64;
    at_once, how many values of hidden units to hold in memory.
    Returns: (K,).
    """
    vectors = torch.cat([*parameters[:3], parameters.c[:, None]], dim=1)
    alarms = torch.zeros(len(vectors), dtype=torch.bool)
    suspects = _suspects(parameters, x, y).nonzero()
    for part in torch.split(suspects, max(1, at_once // (x.shape[1] * parameters.w.shape[1]))):
        if len(part):
            network, entry = part.unbind(1)
            like = Parameters(*(value[0] for value in parameters))
            missed = _is_missed(vectors[network], like, entry, x[network], y[network])
            alarms[network[missed]] = True
    return alarms


def _is_missed(vectors: Tensor, like: Parameters, entry: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Whether the central difference by one entry of each vector (S, 3 H + 1) is off, (S,)."""

    def loss(vector: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return mean_squared_error(from_vector(vector, like), x, y, torch.relu)

    def gradient(vector: Tensor, x: Tensor, y: Tensor) -> Tensor:
        return to_vector(network_gradient(from_vector(vector, like), x, y, "relu")[0])

    step = EPS * one_hot(entry, vectors.shape[1])
    ahead, behind = vmap(loss)(vectors + step, x, y), vmap(loss)(vectors - step, x, y)
    numeric = (ahead - behind) / (2 * EPS)
    given = vmap(gradient)(vectors, x, y).gather(1, entry[:, None])[:, 0]
    return (given - numeric).abs() > ATOL + RTOL * numeric.abs()


def _suspects(parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
    """The parameters whose central difference may be wrong, (K, 3 H + 1)."""
    w, b, v, c = parameters
    z = torch.addcmul(b[..., None], w[..., None], x[:, None])
    loss = (over_units(v, z.relu()) + c[:, None] - y).square().mean(1)
    distance = z.abs()
    by_w = (distance <= SPARE * EPS * x[:, None].abs()).any(-1)
    by_b = distance.amin(-1) <= SPARE * EPS
    never = torch.zeros_like(by_b)
    crossed = torch.cat([by_w, by_b, never, never[:, :1]], dim=1)
    is_noisy = ~(ROUNDING * loss / EPS < ATOL)
    return crossed | is_noisy[:, None]
