"""The fitted curves over all networks of one hidden size and optimizer, beside the truth."""

import torch
from pandas import DataFrame
from torch.func import vmap

from autodiff_pipeline.expressions.grammar import parse
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
    x = torch.linspace(-3 * input_scale, 3 * input_scale, POINTS, dtype=torch.float64)
    frame = DataFrame({"x": x, "y_true": tensor_function(parse(true_model))(x)})
    curve = vmap(lambda network: apply(network, x, activation), chunk_size=CHUNK)
    curves = DataFrame(curve(parameters).numpy())
    for name, quantile in {"median": 0.5, "q05": 0.05, "q95": 0.95}.items():
        frame[name] = curves.quantile(quantile).to_numpy()
    return frame
