"""The registry of optimizers, and the way to train that a configuration asks for."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import Tensor

from autodiff_pipeline.training.levenberg_marquardt import levenberg_marquardt
from autodiff_pipeline.training.method import GradientAndLoss, Method, Optimizer, first_order
from autodiff_pipeline.training.optimizers import adam, gradient_descent, momentum

# from x and y (D, n), for a way to train that needs more than the gradient
SecondOrder = Callable[[Tensor, Tensor], Method]


def _levenberg_marquardt(damping: float) -> SecondOrder:
    return partial(levenberg_marquardt, damping=damping)


# By name, from the settings that the configuration has for it.
OPTIMIZERS: Mapping[str, Callable[..., Optimizer | SecondOrder]] = {
    "gradient_descent": gradient_descent,
    "momentum": momentum,
    "adam": adam,
    "levenberg_marquardt": _levenberg_marquardt,
}


def make_method(
    optimizer: str,
    settings: Mapping[str, Any],
    gradient_and_loss: GradientAndLoss,
    x: Tensor,
    y: Tensor,
) -> Method:
    """Train on D data sets, x and y (D, n), by the optimizer of that name with its settings.

    One that sees nothing but the gradient takes the one given; the others have their own.
    """
    made = OPTIMIZERS[optimizer](**settings)
    if isinstance(made, Optimizer):
        return first_order(gradient_and_loss, made)
    return made(x, y)
