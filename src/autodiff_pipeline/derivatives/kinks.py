"""What every method returns where a function has a kink, and whether that is a subgradient."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pandas as pd
import torch

from autodiff_pipeline.derivatives.methods.registry import METHODS, derivative
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.numbers.ranks import DTYPES

KINK_COLUMNS = "function dtype method x value left right in_subdifferential note".split()

_BESIDE = Fraction(1, 2**1000)  # so near that the slope there is the one-sided derivative
_PRECISION = 2048  # bits: enough to tell x + _BESIDE from x


def one_sided_derivatives(subject: Subject, x: float) -> tuple[float, float]:
    """The derivatives 2**-1000 to the left and to the right of x; NaN where there is none."""
    beside = [Fraction(x) - _BESIDE, Fraction(x) + _BESIDE]
    left, right = derivative_balls(subject.expression, beside, 1, _PRECISION)
    return float(left[1]), float(right[1])


def kink_table(subject: Subject, kinks: Sequence[float], dtypes: Sequence[str]) -> pd.DataFrame:
    """One row a kink, dtype and method: the first derivative it returns exactly there.

    ``in_subdifferential`` tells whether the value lies between the one-sided derivatives, the
    rounding of the dtype allowed; it is empty where the method is unavailable.
    """
    rows: list[list[object]] = []
    for x in kinks:
        left, right = one_sided_derivatives(subject, x)
        for dtype in dtypes:
            at = torch.tensor([x], dtype=torch.float64).to(DTYPES[dtype])
            slack = torch.finfo(at.dtype).eps * max(abs(left), abs(right))
            for method in METHODS:
                row = [subject.name, dtype, method, x]
                try:
                    value = float(derivative(method, subject, 1, at))
                except Unavailable as reason:
                    rows.append([*row, np.nan, left, right, None, str(reason)])
                    continue
                inside = min(left, right) - slack <= value <= max(left, right) + slack
                rows.append([*row, value, left, right, inside, ""])
    return pd.DataFrame(rows, columns=KINK_COLUMNS)
