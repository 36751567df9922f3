"""Gradient and loss of many networks by passing over all their data: any activation."""

from torch import Tensor
from torch.func import grad_and_value, vmap

from autodiff_pipeline.network import Activation, Parameters, mean_squared_error
from autodiff_pipeline.training.loop import GradientAndLoss


def gradient_and_loss(x: Tensor, y: Tensor, activation: Activation) -> GradientAndLoss:
    """Automatic gradient of the mean squared error of N networks on D data sets.

    Args: x and y (D, n). The N = D * I networks are ordered by data set, then by initialization.
    Returns: parameters (N, ...) -> (gradient (N, ...), loss (N,)).
    """
    datasets = len(x)

    def loss(parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
        return mean_squared_error(parameters, x, y, activation)

    per_initialization = vmap(grad_and_value(loss), in_dims=(0, None, None))
    per_data_set = vmap(per_initialization)

    def batched(parameters: Parameters) -> tuple[Parameters, Tensor]:
        grid = Parameters(*(value.unflatten(0, (datasets, -1)) for value in parameters))
        gradient, losses = per_data_set(grid, x, y)
        return Parameters(*(value.flatten(0, 1) for value in gradient)), losses.flatten()

    return batched
