"""Loss and gradient of networks by a pass over all their data, for any activation."""

from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.func import grad, vmap

from autodiff_pipeline.networks.activations import activation_named
from autodiff_pipeline.networks.by_hand import network_gradient
from autodiff_pipeline.networks.network import Parameters, mean_squared_error
from autodiff_pipeline.training.method import GradientAndLoss

# (parameters of N networks, x and y (N, n)) -> (their gradients, their losses)
OfNetworks = Callable[[Parameters, Tensor, Tensor], tuple[Parameters, Tensor]]
# (parameters of N networks, the number of the data set of each (N,)) -> (gradients, losses)
OfRows = Callable[[Parameters, Tensor], tuple[Parameters, Tensor]]

AT_ONCE = 2**20  # values of hidden units, 8 MiB: bounds memory, however many networks there are

FUSED: dict[str, Any] = {
    # Compute what two sums need twice and store it nowhere: memory is what limits the speed.
    "realize_reads_threshold": 100,
    "realize_opcount_threshold": 200,
    # Keep both roundings of w * x + b: with one, a point on a kink might fall beyond it.
    "cpp.enable_floating_point_contract_flag": "off",
}


def batched_gradient(
    x: Tensor, y: Tensor, gradient: str, activation: str, compiled: bool
) -> GradientAndLoss:
    """Gradient and loss of I networks on each of D data sets.

    Args: x and y (D, n); gradient, "automatic" or "by_hand"; activation, a name as in
    `activation_named`; compiled, whether torch.compile fuses the computation into two loops over
    the data, which needs a C++ compiler and takes time before the first step.
    Returns: a function from parameters, w b v (D, I, H) and c (D, I), to their gradient, of the
    same shapes, and their losses (D, I).
    """
    of_networks = {"automatic": _automatic, "by_hand": _by_hand}[gradient](activation)

    def of_rows(parameters: Parameters, data_set: Tensor) -> tuple[Parameters, Tensor]:
        return of_networks(parameters, x[data_set], y[data_set])

    # With `dynamic`, the same code, hence the same rounding, serves any number of networks. Each
    # training is isolated: torch's recompile_limit is shared, and past it code runs uncompiled.
    alone: dict[str, Any] = {"isolate_recompiles": True}  # not in torch's own annotations
    fused: OfRows = torch.compile(of_rows, dynamic=True, options=FUSED, **alone)

    def of_part(data_set: Tensor, *values: Tensor) -> tuple[Parameters, Tensor]:
        if compiled:
            return fused(Parameters(*map(_units_first, values)), data_set)
        return of_rows(Parameters(*values), data_set)

    @cache
    def data_set_of_each(networks: int) -> Tensor:
        return torch.arange(len(x), device=x.device).repeat_interleave(networks)

    def gradient_and_loss(parameters: Parameters) -> tuple[Parameters, Tensor]:
        shape = parameters.c.shape
        rows = [data_set_of_each(shape[1]), *(value.flatten(0, 1) for value in parameters)]
        # torch compiles separate code for a single row, so there are always two or more in a
        # part, and a network that is alone is taken twice.
        if shape.numel() == 1:
            rows = [torch.cat([value, value]) for value in rows]
        at_once = max(3, AT_ONCE // (x.shape[1] * parameters.w.shape[-1]))
        count = -(-shape.numel() // at_once)
        parts = (value.tensor_split(count) if count > 1 else [value] for value in rows)
        results = [(*gradient, loss) for gradient, loss in map(of_part, *parts)]
        w, b, v, c, loss = (
            (torch.cat(values) if count > 1 else values[0][: shape.numel()]).unflatten(0, shape)
            for values in zip(*results, strict=True)
        )
        return Parameters(w, b, v, c), loss

    return gradient_and_loss


def _automatic(activation: str) -> OfNetworks:
    def loss(parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
        return mean_squared_error(parameters, x, y, activation_named(activation).function)

    def total_and_losses(parameters: Parameters, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        losses = vmap(loss)(parameters, x, y)
        return losses.sum(), losses

    # Networks share no parameter, so the gradient of their summed loss is the gradient of each.
    return grad(total_and_losses, has_aux=True)


def _by_hand(activation: str) -> OfNetworks:
    return vmap(lambda parameters, x, y: network_gradient(parameters, x, y, activation))


def _units_first(value: Tensor) -> Tensor:
    """The same values with hidden units outermost in memory.

    The sum over units then runs across the lanes of vector registers, not within one, which makes
    compiled code faster. The result is always a copy, because torch compiles again
    when it is given a view of a tensor of another shape.
    """
    return (
        value.mT.clone(memory_format=torch.contiguous_format).mT
        if value.dim() > 1
        else value.clone()
    )
