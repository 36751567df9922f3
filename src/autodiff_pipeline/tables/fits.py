"""The fitted curves over all networks of one hidden size and optimizer, beside the truth."""

import numpy
import torch
from pandas import DataFrame
from torch.func import vmap

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.reals import linear_grid
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.network import Activation, Parameters, apply

CHUNK = 256  # networks at a time: bounds the memory
POINTS = 121  # on [-3, 3] standard deviations of x, where 99.7 % of the data lie


def fits(
    parameters: Parameters, activation: Activation, *, true_model: str, input_scale: float
) -> DataFrame:
    """Median and 90 % band of f(x) over N networks, on a grid of x.

    Args: parameters of N >= 0 networks, w b v (N, H) and c (N,), float64.
    Returns: x, y_true, median, q05, q95 (NaN where N is 0).
    """
    grid = linear_grid(-3 * input_scale, 3 * input_scale, POINTS)
    x = torch.tensor(grid, dtype=torch.float64)
    frame = DataFrame({"x": x, "y_true": tensor_function(parse(true_model))(x)})
    if not len(parameters.c):
        return frame.assign(median=numpy.nan, q05=numpy.nan, q95=numpy.nan)
    curve = vmap(lambda network: apply(network, x, activation), chunk_size=CHUNK)
    curves = curve(parameters).numpy()
    for name, probability in {"median": 0.5, "q05": 0.05, "q95": 0.95}.items():
        frame[name] = numpy.quantile(curves, probability, axis=0)
    return frame
