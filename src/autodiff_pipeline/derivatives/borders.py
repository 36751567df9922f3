"""Where a derivative begins to be lost, located among all numbers of a dtype."""

from functools import lru_cache

import numpy as np
import torch

from autodiff_pipeline.derivatives.error_summary import ErrorSummary
from autodiff_pipeline.derivatives.kinds import Kinds
from autodiff_pipeline.derivatives.point_table import truths_at
from autodiff_pipeline.derivatives.regions import Border, Ranks, located
from autodiff_pipeline.derivatives.subject import Subject
from autodiff_pipeline.derivatives.systems.registry import derivative
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import Truth, is_lost, may_be_lost


def first_lost(
    subject: Subject, dtype: str, order: int, method: str, summary: ErrorSummary
) -> float:
    """The number nearest to zero at which the derivative is lost, among *all* numbers of the dtype.

    The search starts from the first lost point and its neighbour that is not lost. As in any
    bisection, the result is a border: the derivative is lost there, and not at the number before.
    """
    if np.isnan(summary.kept_before_lost):
        return summary.first_lost_x
    ends = torch.tensor([summary.kept_before_lost, summary.first_lost_x], dtype=torch.float64)
    kept, lost = ranks(ends.to(DTYPES[dtype])).tolist()

    def losses(asked: Ranks) -> Kinds:
        """1 at the first of these numbers that is lost; of those beyond no truth is needed."""
        x = from_ranks(torch.from_numpy(asked), DTYPES[dtype])
        values = doubles(derivative(method, subject, order, x))
        candidates = np.flatnonzero(may_be_lost(values))[:: 1 if kept < lost else -1]
        kinds = np.zeros(len(asked), dtype=np.int8)
        for i in candidates:
            truth = _truth(subject.expression, float(x[i]), dtype, order)
            if is_lost(values[i : i + 1], truth)[0]:
                kinds[i] = 1
                break
        return kinds

    (border,) = located([Border(1, kept, lost)], losses)
    return float(from_ranks(torch.tensor([border]), DTYPES[dtype]))


@lru_cache(maxsize=1024)  # several methods lose a derivative at the same number
def _truth(expression: Expression, x: float, dtype: str, order: int) -> Truth:
    at = torch.tensor([x], dtype=torch.float64).to(DTYPES[dtype])
    return truths_at(expression, at, dtype, [order])[order]
