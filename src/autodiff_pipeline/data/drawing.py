"""Data sets that are drawn: noisy samples of the true model."""

import torch

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.tensors import tensor_function


def draw(
    generator: torch.Generator,
    *,
    true_model: str,
    samples: int,
    input_scale: float,
    noise_scale: float,
) -> DataSet:
    """Draw x = input_scale N(0, 1), y = true_model(x) + noise_scale N(0, 1).

    Args: generator, advanced by 2 * samples normal draws; true_model, an expression in x; samples,
    how many, at least 1; input_scale and noise_scale, standard deviations in the units of x and y.
    Raises ExpressionError where true_model is not an expression.
    """
    x = input_scale * torch.randn(samples, generator=generator, dtype=torch.float64)
    noise = noise_scale * torch.randn(samples, generator=generator, dtype=torch.float64)
    y_true = tensor_function(parse(true_model))(x)
    return DataSet(x=x, y=y_true + noise, y_true=y_true)
