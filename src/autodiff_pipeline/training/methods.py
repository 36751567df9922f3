"""The way to train that a configuration asks for."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from autodiff_pipeline.training.levenberg_marquardt import levenberg_marquardt
from autodiff_pipeline.training.loop import GradientAndLoss, Method, first_order
from autodiff_pipeline.training.optimizers import OPTIMIZERS


def make_method(
    optimizer: str,
    settings: Mapping[str, Any],
    gradient_and_loss: GradientAndLoss,
    x: Tensor,
    y: Tensor,
) -> Method:
    """Train on D data sets, x and y (D, n), by the optimizer of that name with its settings.

    Levenberg-Marquardt has a gradient of its own; the other optimizers take the one given.
    """
    if optimizer == "levenberg_marquardt":
        return levenberg_marquardt(x, y, **settings)
    return first_order(gradient_and_loss, OPTIMIZERS[optimizer](**settings))
