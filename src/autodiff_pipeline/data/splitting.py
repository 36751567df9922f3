"""Splits of a user's own measurements into a part to train on and a part that is held out."""

from typing import NamedTuple

import torch

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.data.measurements import Measured


class Split(NamedTuple):
    """Two parts of the rows of a file, in standard units."""

    training: DataSet
    held_out: DataSet


def split(generator: torch.Generator, measured: Measured) -> Split:
    """Hold out a fifth of the rows, chosen at random, and standardize both columns.

    Networks start with weights of order one and are trained with steps of fixed length, so in the
    units of the file, which may be years or nanometres, training would diverge or never begin. In
    standard units x and y have mean 0 and standard deviation 1 over all rows of the file: the same
    change of units for every split, whatever is held out. A loss is then a share of the variance of
    y: predicting the mean has a loss of about 1.

    Args: generator, advanced by one permutation of the rows.
    """
    order = torch.randperm(len(measured.x), generator=generator)
    standard = [
        (torch.tensor(values, dtype=torch.float64) - column.mean) / column.standard_deviation
        for values, column in zip((measured.x, measured.y), measured.columns, strict=True)
    ]
    chosen, rest = order[: measured.held_out], order[measured.held_out :]
    held_out, training = (DataSet(*(v[rows] for v in standard)) for rows in (chosen, rest))
    return Split(training=training, held_out=held_out)
