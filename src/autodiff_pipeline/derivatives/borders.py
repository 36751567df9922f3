"""Where a derivative begins to be lost, located among all numbers of a dtype."""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np
import torch

from autodiff_pipeline.derivatives.error_summary import ErrorSummary
from autodiff_pipeline.derivatives.kinds import Kinds
from autodiff_pipeline.derivatives.point_table import truths_at
from autodiff_pipeline.derivatives.regions import Border, Ranks, foreseen, located
from autodiff_pipeline.derivatives.subject import Subject
from autodiff_pipeline.derivatives.systems.registry import derivative
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import Doubles, Truth, is_lost, may_be_lost


def first_lost(
    subject: Subject,
    dtype: str,
    order: int,
    method: str,
    summary: ErrorSummary,
    likely: Iterable[float] = (),
) -> float:
    """The number nearest to zero at which the derivative is lost, among *all* numbers of the dtype.

    The search starts from the first lost point and its neighbour that is not lost. As in any
    bisection, the result is a border: the derivative is lost there, and not at the number before.

    Args: likely, numbers where it may well be, such as those of other methods: what is found is the
    same, in fewer calls.
    """
    if np.isnan(summary.kept_before_lost):
        return summary.first_lost_x
    numbers = [summary.kept_before_lost, summary.first_lost_x, *likely]
    places = ranks(torch.tensor(numbers, dtype=torch.float64).to(DTYPES[dtype]))
    kept, lost, *others = places.tolist()
    border = Border(1, kept, lost)
    known: dict[int, float] = {}

    def values_at(asked: Ranks) -> Doubles:
        """The derivatives there; where all are known none is computed."""
        if any(rank not in known for rank in asked.tolist()):
            x = from_ranks(torch.from_numpy(asked), DTYPES[dtype])
            values = doubles(derivative(method, subject, order, x))
            known.update(zip(asked.tolist(), values.tolist(), strict=True))
        return np.array([known[rank] for rank in asked.tolist()])

    def losses(asked: Ranks) -> Kinds:
        """1 at the first of these numbers that is lost; of those beyond no truth is needed."""
        x, values = from_ranks(torch.from_numpy(asked), DTYPES[dtype]), values_at(asked)
        candidates = np.flatnonzero(may_be_lost(values))[:: 1 if kept < lost else -1]
        kinds = np.zeros(len(asked), dtype=np.int8)
        for i in candidates:
            truth = _truth(subject.expression, float(x[i]), dtype, order)
            if is_lost(values[i : i + 1], truth)[0]:
                kinds[i] = 1
                break
        return kinds

    values_at(foreseen([border], others))
    return float(from_ranks(torch.tensor(located([border], losses)), DTYPES[dtype]))


@lru_cache(maxsize=1024)  # several methods lose a derivative at the same number
def _truth(expression: Expression, x: float, dtype: str, order: int) -> Truth:
    at = torch.tensor([x], dtype=torch.float64).to(DTYPES[dtype])
    return truths_at(expression, at, dtype, [order])[order]
