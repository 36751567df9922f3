"""Derivatives point by point: what every method returns, the truth, and the error in ulp."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from torch import Tensor

from autodiff_pipeline.derivatives.methods.registry import METHODS, derivative
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import doubles
from autodiff_pipeline.numbers.ulp import FORMATS, Truth, is_lost, ulp_errors
from autodiff_pipeline.truth.at_points import certified_derivatives

POINT_COLUMNS = ["dtype", "order", "method", "x", "value", "truth", "ulp_error", "lost"]


def point_table(
    subject: Subject, points: Mapping[str, Tensor], orders: Sequence[int]
) -> pd.DataFrame:
    """Every method's derivatives at some points.

    Args: points, for each dtype by name a tensor of that dtype, (points,).
    Returns: POINT_COLUMNS, one row per dtype, order, method and x. ``truth`` is correctly rounded;
    it and ``ulp_error`` are NaN where the truth is not certified, ``ulp_error`` also where the
    truth is exactly 0. Methods that cannot be applied to the subject have no rows; the accuracy
    table says why.
    """
    keys, measured = [], []
    for dtype, x in points.items():
        truths = truths_at(subject.expression, x, dtype, orders) if len(x) else {}
        for order, truth in truths.items():
            for method in METHODS:
                try:
                    values = doubles(derivative(method, subject, order, x))
                except Unavailable:
                    continue
                errors = ulp_errors(values, truth, FORMATS[dtype])
                keys.append((dtype, order, method, len(x)))
                measured.append((doubles(x), values, truth.rounded, errors, is_lost(values, truth)))
    if not keys:
        return pd.DataFrame(columns=POINT_COLUMNS)
    *names, counts = zip(*keys, strict=True)
    columns = [np.repeat(np.array(name), counts) for name in names]
    columns += [np.concatenate(column) for column in zip(*measured, strict=True)]
    return pd.DataFrame(dict(zip(POINT_COLUMNS, columns, strict=True)))


def truths_at(
    expression: Expression, x: Tensor, dtype: str, orders: Sequence[int]
) -> dict[int, Truth]:
    """The certified derivatives at the elements of x, by order; x is of the named dtype."""
    truths = certified_derivatives(expression, x.tolist(), max(orders), FORMATS[dtype])
    return {order: truths[order - 1] for order in orders}


def joined(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Frames below one another, or an empty frame with these columns where none has a row."""
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
