"""Data sets: noisy samples of the true model."""

from typing import NamedTuple

import torch
from pandas import DataFrame
from torch import Tensor

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.tensors import tensor_function


class DataSet(NamedTuple):
    """The samples of one data set, each field (n,) float64, in the units of the true model."""

    x: Tensor
    y: Tensor
    y_true: Tensor


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


def data_set(frame: DataFrame) -> DataSet:
    """The data set in a frame of columns x, y and y_true."""
    return DataSet(*(torch.tensor(frame[name].to_numpy()) for name in DataSet._fields))
