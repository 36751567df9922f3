"""The atlas of one function: every method's derivatives against certified truth, as frames."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.methods import METHODS, Subject, Unavailable, derivative
from autodiff_pipeline.derivatives.operators import OPERATORS
from autodiff_pipeline.derivatives.points import DTYPES, from_ranks, ranks
from autodiff_pipeline.derivatives.stable import STABLE_ACTIVATIONS
from autodiff_pipeline.derivatives.tally import Tally, merge, quantile, tally
from autodiff_pipeline.derivatives.truth import certified_derivatives
from autodiff_pipeline.derivatives.ulp import FORMATS, Doubles, Truth, is_lost, ulp_errors
from autodiff_pipeline.expressions.grammar import Name, Operation, parse
from autodiff_pipeline.expressions.reals import linear_grid
from autodiff_pipeline.expressions.tensors import tensor_function

POINT_COLUMNS = ["dtype", "order", "method", "x", "value", "truth", "ulp_error"]
ACCURACY_COLUMNS = (
    "function order dtype method points max_absolute_error max_ulp_error median_ulp_error "
    "p99_ulp_error worst_x lost_points first_lost_x note"
).split()

_SEARCH_WIDTH = 64  # points tried at once when the first lost x is located


def expression_subject(name: str, text: str, operator: str | None = None) -> Subject:
    """The function as its expression, evaluated in torch.

    It has a stable rule where its operator has one, or where it is the bare call of one.
    """
    expression = parse(text)
    match expression:
        case Operation(called, (Name("x"),)):
            operator = operator or called
    stable = STABLE_ACTIVATIONS.get(f"stable_{operator}")
    return Subject(name, tensor_function(expression), expression, expression, stable)


def operator_subject(operator: str, text: str) -> Subject:
    """The function as torch's own operator; the expression says what it means."""
    return Subject(f"torch.{operator}", OPERATORS[operator], parse(text), None, None)


def point_table(
    subject: Subject,
    interval: tuple[float, float],
    points: int,
    dtypes: Sequence[str],
    orders: Sequence[int],
) -> pd.DataFrame:
    """Derivatives point by point on the linear grid, each number as the dtype has it.

    One row a dtype, order, method and x. ``truth`` is the correctly rounded value; it and
    ``ulp_error`` are NaN where no certificate was reached. Methods that cannot serve the subject
    have no rows here; the accuracy table says why.
    """
    frames = []
    for dtype in dtypes:
        x = torch.tensor(linear_grid(*interval, points), dtype=torch.float64).to(DTYPES[dtype])
        truths = _truths(subject, x, dtype, orders)
        for order in orders:
            for method in METHODS:
                try:
                    values = _doubles(derivative(method, subject, order, x))
                except Unavailable:
                    continue
                errors = ulp_errors(values, truths[order], FORMATS[dtype])
                row = [dtype, order, method, _doubles(x), values, truths[order].rounded, errors]
                frames.append(pd.DataFrame(dict(zip(POINT_COLUMNS, row, strict=True))))
    return pd.concat(frames, ignore_index=True)


def accuracy_table(
    subject: Subject, dtype: str, chunks: Iterable[Tensor], orders: Sequence[int]
) -> pd.DataFrame:
    """The errors of every method at the points of all chunks: one row an order and method.

    Each chunk is an ascending tensor of the dtype; memory does not grow with their number. Rows of
    methods that cannot serve the subject carry the reason as their ``note``.
    """
    tallies: dict[tuple[int, str], Tally] = {}
    reasons: dict[tuple[int, str], str] = {}
    for x in chunks:
        truths = _truths(subject, x, dtype, orders)
        for order in orders:
            for method in METHODS:
                key = order, method
                if key in reasons:
                    continue
                try:
                    values = _doubles(derivative(method, subject, order, x))
                except Unavailable as reason:
                    reasons[key] = str(reason)
                    continue
                errors = ulp_errors(values, truths[order], FORMATS[dtype])
                new = tally(_doubles(x), values, truths[order], errors)
                tallies[key] = merge(tallies[key], new) if key in tallies else new
    rows = [
        _available_row(subject, dtype, order, method, tallies[order, method])
        if (order, method) not in reasons
        else [
            subject.name,
            order,
            dtype,
            method,
            0,
            *[np.nan] * 5,
            0,
            np.nan,
            reasons[order, method],
        ]
        for order in orders
        for method in METHODS
    ]
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def _available_row(
    subject: Subject, dtype: str, order: int, method: str, summary: Tally
) -> list[object]:
    note = f"{summary.uncertified} points without certified truth" if summary.uncertified else ""
    return [
        subject.name,
        order,
        dtype,
        method,
        summary.points,
        summary.max_absolute_error,
        summary.max_ulp_error,
        quantile(summary, 0.5),
        quantile(summary, 0.99),
        summary.worst_x,
        summary.lost_points,
        _first_lost(subject, dtype, order, method, summary),
        note,
    ]


def _truths(subject: Subject, x: Tensor, dtype: str, orders: Sequence[int]) -> dict[int, Truth]:
    truths = certified_derivatives(subject.expression, x.tolist(), max(orders), FORMATS[dtype])
    return {order: truths[order - 1] for order in orders}


def _doubles(x: Tensor) -> Doubles:
    return np.asarray(x.detach().to(torch.float64).numpy())


def _first_lost(subject: Subject, dtype: str, order: int, method: str, summary: Tally) -> float:
    """The lost number nearest to zero, located among *all* numbers of the dtype.

    Between the first lost point and its kept neighbour the border is searched by rank, a few
    points at a time. It is a border in the sense of bisection: beyond it the method gives 0, an
    infinity or NaN, before it not.
    """
    if np.isnan(summary.kept_before_lost):
        return summary.first_lost_x
    ends = torch.tensor([summary.kept_before_lost, summary.first_lost_x], dtype=torch.float64)
    kept, lost = ranks(ends.to(DTYPES[dtype])).tolist()
    while abs(lost - kept) > 1:
        steps = min(_SEARCH_WIDTH, abs(lost - kept))
        tried = [kept + (lost - kept) * i // steps for i in range(1, steps + 1)]
        x = from_ranks(torch.tensor(tried), DTYPES[dtype])
        values = _doubles(derivative(method, subject, order, x))
        gone = int(np.argmax((values == 0) | ~np.isfinite(values)))
        kept, lost = ([kept, *tried][gone], tried[gone])
    x = from_ranks(torch.tensor([lost]), DTYPES[dtype])
    truth = _truths(subject, x, dtype, [order])[order]
    values = _doubles(derivative(method, subject, order, x))
    return float(x) if is_lost(values, truth)[0] else summary.first_lost_x
