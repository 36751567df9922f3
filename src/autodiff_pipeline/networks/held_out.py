"""How well networks predict what they were not trained on."""

import torch
from torch import Tensor

from autodiff_pipeline.networks.activations import Elementwise
from autodiff_pipeline.networks.network import Parameters, apply

AT_ONCE = 2**17  # values of hidden units, 1 MiB: bounds memory, however many units there are


def held_out_loss(parameters: Parameters, x: Tensor, y: Tensor, activation: Elementwise) -> Tensor:
    """The mean of (f(x) - y)^2 of each network over points that were held out of its training.

    Unlike the excess risk it contains the noise of y, and it is an estimate from n points.

    Args: parameters of N networks, w b v (N, H) and c (N,), float64; x and y (n,), the points;
    activation, their function.
    Returns: (N,) in units of y squared. No network's value depends on the others.
    """

    def loss(network: Parameters) -> Tensor:
        at_once = max(1, AT_ONCE // len(network.w))
        parts = zip(torch.split(x, at_once), torch.split(y, at_once), strict=True)
        return torch.stack(
            [(apply(network, part, activation) - of_part).square().sum() for part, of_part in parts]
        ).sum() / len(x)

    with torch.inference_mode():
        losses = [loss(Parameters(*values)) for values in zip(*parameters, strict=True)]
    return torch.stack(losses) if losses else x.new_empty(0)
