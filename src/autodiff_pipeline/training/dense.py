"""Loss and gradient of networks by passing over all their data: any activation."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.func import grad_and_value, vmap

from autodiff_pipeline.gradients.exact import network_gradient
from autodiff_pipeline.network import ACTIVATIONS, Parameters, mean_squared_error
from autodiff_pipeline.training.loop import GradientAndLoss

LANES = 16  # networks in one call of compiled code


def batched_gradient(
    x: Tensor, y: Tensor, gradient: str, activation: str, compiled: bool
) -> GradientAndLoss:
    """Gradient and loss of I networks on each of D data sets.

    Args: x and y (D, n); gradient, "automatic" or "exact"; activation, a name in ACTIVATIONS;
    compiled, whether torch.compile fuses it into two loops over the data, which needs a C++
    compiler and some seconds.
    Returns: parameters, w b v (D, I, H) and c (D, I) -> (gradient alike, loss (D, I)).
    """

    def loss(parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
        return mean_squared_error(parameters, x, y, ACTIVATIONS[activation])

    def exact(parameters: Parameters, x: Tensor, y: Tensor) -> tuple[Parameters, Tensor]:
        return network_gradient(parameters, x, y, activation)

    one = {"automatic": grad_and_value(loss), "exact": exact}[gradient]
    of_data_set = vmap(one, in_dims=(0, None, None))
    if not compiled:
        every = vmap(of_data_set)
        return lambda parameters: every(parameters, x, y)
    fused = torch.compile(of_data_set, dynamic=False)
    return lambda parameters: _in_lanes(fused, parameters, x, y)


def _in_lanes(
    of_data_set: Callable[..., tuple[Parameters, Tensor]],
    parameters: Parameters,
    x: Tensor,
    y: Tensor,
) -> tuple[Parameters, Tensor]:
    """Call for LANES networks at a time, always: code compiled for more or fewer rounds otherwise.

    So a network's numbers do not depend on how many others there are.
    """
    count = parameters.c.shape[1]
    padding = -count % LANES
    padded = [torch.cat([v, v.new_zeros(len(v), padding, *v.shape[2:])], 1) for v in parameters]
    results = []
    for data_set in range(len(x)):
        for first in range(0, count, LANES):
            some = (_units_first(v[data_set, first : first + LANES]) for v in padded)
            gradient, losses = of_data_set(Parameters(*some), x[data_set], y[data_set])
            results.append((*gradient, losses))
    w, b, v, c, losses = (
        torch.cat(parts).reshape(len(x), count + padding, *parts[0].shape[1:])[:, :count]
        for parts in zip(*results, strict=True)
    )
    return Parameters(w, b, v, c), losses


def _units_first(value: Tensor) -> Tensor:
    """The same values with hidden units outermost in memory.

    The sum over units is then taken across the lanes of a vector, not within one: compiled code
    was seen to be five times faster so.
    """
    return value.movedim(-1, 0).contiguous().movedim(0, -1)
