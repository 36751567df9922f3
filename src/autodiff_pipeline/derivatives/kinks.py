"""What every method returns where a function has a kink, and whether that is a subgradient."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.methods.registry import METHODS, derivative
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.truth.one_sided import one_sided_derivatives

KINK_COLUMNS = "function dtype method x value left right in_subdifferential note".split()

_PRECISION = 4096  # bits


def kink_table(subject: Subject, kinks: Sequence[float], dtypes: Sequence[str]) -> pd.DataFrame:
    """The first derivative that each method returns at each kink: one row per kink, dtype, method.

    It is taken at the dtype's number nearest to the kink. ``in_subdifferential`` says whether it
    lies between the one-sided derivatives, give or take a rounding error of the dtype; it is empty
    where the method is unavailable or the kink lies beyond the dtype's largest number. Raises
    ValueError where the function is not continuous at a kink, or has no slope on one side of it.
    """
    rows: list[list[object]] = []
    for x in kinks:
        slopes = one_sided_derivatives(subject.expression, x)
        for dtype in dtypes:
            at = torch.tensor([x], dtype=torch.float64).to(DTYPES[dtype])
            low, high = _subdifferential(subject, at, slopes)
            for method in METHODS:
                row = [subject.name, dtype, method, x]
                try:
                    if at.isinf():
                        raise Unavailable(f"{x:g} is beyond {dtype}")
                    value = float(derivative(method, subject, 1, at))
                except Unavailable as reason:
                    rows.append([*row, np.nan, *slopes, None, str(reason)])
                    continue
                rows.append([*row, value, *slopes, low <= value <= high, ""])
    return pd.DataFrame(rows, columns=KINK_COLUMNS)


def _subdifferential(
    subject: Subject, at: Tensor, slopes: tuple[float, float]
) -> tuple[float, float]:
    """The smallest and largest value that is right at the dtype's number nearest to the kink.

    They span the slopes on both sides of the kink and, where rounding has moved the number off the
    kink, the derivative at the number itself. A bound that the dtype cannot hold is infinite.
    """
    info = torch.finfo(at.dtype)
    (itself,) = derivative_balls(subject.expression, at.tolist(), 1, _PRECISION)
    allowed = [*slopes, *([float(itself[1])] if itself[1].is_finite() else [])]
    slack = info.eps * max(map(abs, allowed))
    low, high = min(allowed) - slack, max(allowed) + slack
    return (-np.inf if low < -info.max else low), (np.inf if high > info.max else high)
