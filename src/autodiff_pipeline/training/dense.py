"""Loss and gradient of networks by passing over all their data: any activation."""

from torch import Tensor
from torch.func import grad_and_value, vmap

from autodiff_pipeline.gradients.exact import network_gradient
from autodiff_pipeline.network import ACTIVATIONS, Parameters, mean_squared_error
from autodiff_pipeline.training.loop import GradientAndLoss


def batched_gradient(x: Tensor, y: Tensor, gradient: str, activation: str) -> GradientAndLoss:
    """Gradient and loss of I networks on each of D data sets.

    Args: x and y (D, n); gradient, "automatic" or "exact"; activation, a name in ACTIVATIONS.
    Returns: parameters, w b v (D, I, H) and c (D, I) -> (gradient alike, loss (D, I)).
    """

    def loss(parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
        return mean_squared_error(parameters, x, y, ACTIVATIONS[activation])

    def exact(parameters: Parameters, x: Tensor, y: Tensor) -> tuple[Parameters, Tensor]:
        return network_gradient(parameters, x, y, activation)

    one = {"automatic": grad_and_value(loss), "exact": exact}[gradient]
    many = vmap(vmap(one, in_dims=(0, None, None)))
    return lambda parameters: many(parameters, x, y)
