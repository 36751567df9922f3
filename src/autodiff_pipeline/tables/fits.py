"""The fitted curves of all networks of one hidden size and optimizer."""

import numpy
import torch
from numpy.typing import NDArray
from pandas import DataFrame
from torch import Tensor
from torch.func import vmap

from autodiff_pipeline.networks.activations import Elementwise
from autodiff_pipeline.networks.network import Parameters, apply
from autodiff_pipeline.numbers.grids import linear_grid

CHUNK = 256  # networks at a time: bounds the memory
POINTS = 121


def grid(start: float, stop: float) -> Tensor:
    """The points x at which curves are compared, (POINTS,) float64."""
    return torch.tensor(linear_grid(start, stop, POINTS), dtype=torch.float64)


def curves(parameters: Parameters, activation: Elementwise, x: Tensor) -> NDArray[numpy.float64]:
    """The values f(x) of N >= 0 networks, w b v (N, H) and c (N,): (N, points)."""
    if not len(parameters.c):
        return numpy.empty((0, len(x)))
    curve = vmap(lambda network: apply(network, x, activation), chunk_size=CHUNK)
    values: NDArray[numpy.float64] = curve(parameters).numpy()
    return values


def fits(curves: NDArray[numpy.float64]) -> DataFrame:
    """Median and 90 % band of f(x) over N networks.

    Args: curves (N, points), the values of N >= 0 networks.
    Returns: a row a point: median, q05, q95 (NaN where N is 0).
    """
    frame = DataFrame(index=range(curves.shape[1]))
    for name, probability in {"median": 0.5, "q05": 0.05, "q95": 0.95}.items():
        frame[name] = numpy.quantile(curves, probability, axis=0) if len(curves) else numpy.nan
    return frame
