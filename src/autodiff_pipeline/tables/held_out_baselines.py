"""Baselines for networks that learn from measurements: closed-form fits of the same rows."""

from collections.abc import Sequence

import numpy
from pandas import DataFrame, concat

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.tables.baselines import row, training_loss
from autodiff_pipeline.tables.least_squares import DEGREES, least_squares, loss


def held_out_baselines(training: Sequence[DataSet], held_out: Sequence[DataSet]) -> DataFrame:
    """The held-out loss of closed-form fits of every split.

    Args: training and held_out, the two parts of each split, in the same order.
    Returns: a row each for straight_line and quadratic, as `baselines` without expected_loss.
    """
    rows = []
    for baseline, degree in DEGREES.items():
        fits = [least_squares(part.x, part.y, degree) for part in training]
        losses = numpy.array(
            [loss(fit, part.x, part.y) for fit, part in zip(fits, held_out, strict=True)]
        )
        rows.append(row(baseline, "held_out_loss", losses, training_loss(fits, training)))
    return concat(rows, ignore_index=True)
