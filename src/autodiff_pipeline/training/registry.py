"""The optimizers by name, and the method of training that a configuration asks for."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import Tensor

from autodiff_pipeline.training import optimizers
from autodiff_pipeline.training.levenberg_marquardt import levenberg_marquardt
from autodiff_pipeline.training.method import GradientAndLoss, Method, Optimizer, first_order

# (x, y), each (D, n) -> a method that needs more than the gradient
SecondOrder = Callable[[Tensor, Tensor], Method]


def _levenberg_marquardt(damping: float) -> SecondOrder:
    return partial(levenberg_marquardt, damping=damping)


# Each is called with the optimizer's settings in the configuration.
OPTIMIZERS: Mapping[str, Callable[..., Optimizer | SecondOrder]] = {
    "gradient_descent": optimizers.gradient_descent,
    "momentum": optimizers.momentum,
    "adam": optimizers.adam,
    "levenberg_marquardt": _levenberg_marquardt,
}


def make_method(
    optimizer: str,
    settings: Mapping[str, Any],
    gradient_and_loss: GradientAndLoss,
    x: Tensor,
    y: Tensor,
) -> Method:
    """The method of training by an optimizer on D data sets.

    Args: optimizer, a name in OPTIMIZERS, and its settings; gradient_and_loss, for optimizers that
    need nothing but the gradient; x and y (D, n), for those that need more.
    """
    made = OPTIMIZERS[optimizer](**settings)
    if isinstance(made, Optimizer):
        return first_order(gradient_and_loss, made)
    return made(x, y)
