"""Where a derivative begins to be lost, located among all numbers of a dtype."""

from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.error_summary import ErrorSummary
from autodiff_pipeline.derivatives.point_table import truths_at
from autodiff_pipeline.derivatives.subject import Subject
from autodiff_pipeline.derivatives.systems.registry import derivative
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import Truth, is_lost, may_be_lost

_SEARCH_WIDTH = 64  # points tried at once


def first_lost(
    subject: Subject, dtype: str, order: int, method: str, summary: ErrorSummary
) -> float:
    """The number nearest to zero at which the derivative is lost, among *all* numbers of the dtype.

    The search starts from the first lost point and its neighbour that is not lost, and narrows the
    ranks between them, a few points at a time. As in any bisection, the result is a border: the
    derivative is lost there, and not at the number before it.
    """
    if np.isnan(summary.kept_before_lost):
        return summary.first_lost_x
    ends = torch.tensor([summary.kept_before_lost, summary.first_lost_x], dtype=torch.float64)
    kept, lost = ranks(ends.to(DTYPES[dtype])).tolist()

    def is_gone(x: Tensor, value: float) -> bool:
        truth = _truth(subject.expression, float(x), dtype, order)
        return bool(is_lost(np.array([value]), truth)[0])

    while abs(lost - kept) > 1:
        steps = min(_SEARCH_WIDTH, abs(lost - kept))
        tried = [kept + (lost - kept) * i // steps for i in range(1, steps + 1)]
        x = from_ranks(torch.tensor(tried), DTYPES[dtype])
        values = doubles(derivative(method, subject, order, x))
        gone = next(i for i in np.flatnonzero(may_be_lost(values)) if is_gone(x[i], values[i]))
        kept, lost = ([kept, *tried][gone], tried[gone])
    return float(from_ranks(torch.tensor([lost]), DTYPES[dtype]))


@lru_cache(maxsize=1024)  # several methods lose a derivative at the same number
def _truth(expression: Expression, x: float, dtype: str, order: int) -> Truth:
    at = torch.tensor([x], dtype=torch.float64).to(DTYPES[dtype])
    return truths_at(expression, at, dtype, [order])[order]
