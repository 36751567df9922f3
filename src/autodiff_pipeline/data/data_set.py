"""A data set as tensors."""

from typing import NamedTuple

import torch
from pandas import DataFrame
from torch import Tensor


class DataSet(NamedTuple):
    """The samples of one data set, each field (n,) float64, in the units of the true model."""

    x: Tensor
    y: Tensor
    y_true: Tensor | None = None  # unknown of measurements


def data_set(frame: DataFrame) -> DataSet:
    """The data set in a frame of columns x, y and, if it is known, y_true."""
    columns = (name for name in DataSet._fields if name in frame)
    return DataSet(*(torch.tensor(frame[name].to_numpy()) for name in columns))
