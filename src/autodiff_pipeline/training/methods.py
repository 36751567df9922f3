"""The way to train that a configuration asks for."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from autodiff_pipeline.training.engines import Engine
from autodiff_pipeline.training.levenberg_marquardt import levenberg_marquardt
from autodiff_pipeline.training.loop import Method, first_order
from autodiff_pipeline.training.optimizers import OPTIMIZERS


def make_method(
    optimizer: str, settings: Mapping[str, Any], engine: Engine, gradient: str, x: Tensor, y: Tensor
) -> Method:
    """Train on D data sets, x and y (D, n), by the optimizer of that name with its settings.

    Levenberg-Marquardt has its own gradient; the other optimizers take the engine's, "automatic"
    or "exact".
    """
    if optimizer == "levenberg_marquardt":
        return levenberg_marquardt(x, y, **settings)
    return first_order(engine.batched_gradient(x, y, gradient), OPTIMIZERS[optimizer](**settings))
