"""The atlas of one function: every method's derivatives against certified truth, as frames."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.kinks import KINK_COLUMNS, kink_table
from autodiff_pipeline.derivatives.methods import METHODS, Subject, Unavailable, derivative
from autodiff_pipeline.derivatives.operators import OPERATORS
from autodiff_pipeline.derivatives.step_sizes import OPTIMUM_COLUMNS, STEP_COLUMNS, step_size_tables
from autodiff_pipeline.derivatives.tally import Tally, merge, quantile, tally
from autodiff_pipeline.expressions.grammar import Name, Operation, parse
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.numbers.ranks import (
    DTYPES,
    all_points,
    even_points,
    from_ranks,
    ranks,
    sampled_points,
)
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth, is_lost, may_be_lost, ulp_errors
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS
from autodiff_pipeline.truth.at_points import certified_derivatives, why_uncertified

POINT_COLUMNS = ["dtype", "order", "method", "x", "value", "truth", "ulp_error", "lost"]
ACCURACY_COLUMNS = (
    "function order dtype method points max_absolute_error max_ulp_error median_ulp_error "
    "p99_ulp_error worst_x lost_points first_lost_x true_zeros max_absolute_error_at_zero "
    "uncertified_points note"
).split()

CHUNK = 8192  # points at a time: bounds the memory
CURVE_POINTS = 601  # of the linear grid over the range
_SEARCH_WIDTH = 64  # points tried at once when the first lost x is located


class Atlas(NamedTuple):
    """What is known of one function's derivatives."""

    points: pd.DataFrame  # POINT_COLUMNS: the expression on the linear grid
    curves: pd.DataFrame  # POINT_COLUMNS: the same over the range, order 1; empty without one
    accuracy: pd.DataFrame  # ACCURACY_COLUMNS: expression and operator over the range
    kinks: pd.DataFrame  # KINK_COLUMNS
    step_sizes: pd.DataFrame  # STEP_COLUMNS
    optima: pd.DataFrame  # OPTIMUM_COLUMNS


def atlas(
    name: str,
    *,
    expression: str,
    interval: tuple[float, float],
    range: tuple[float, float] | None,
    operator: str | None,
    kinks: Sequence[float],
    dtypes: Sequence[str],
    sampled_dtypes: Sequence[str],
    orders: Sequence[int],
    points: int,
    samples: int,
    generators: Mapping[str, torch.Generator],
) -> Atlas:
    """Everything about one function.

    Args: the function's settings as in the configuration; dtypes, those of the point table;
    sampled_dtypes, those whose accuracy over the range is measured here; generators, the stream
    of sample points of each dtype.
    """
    subjects = subjects_of(name, expression, operator)
    subject = subjects[0]
    ends = range or interval
    accuracy = []
    for dtype in sampled_dtypes:
        grids = [(interval, points), (ends, CURVE_POINTS)]
        chunks = _chunks(ends, grids, dtype, samples, generators[dtype])
        accuracy.append(accuracy_table(subjects, dtype, chunks, orders))
    wide_dtypes = [dtype for dtype in dtypes if DTYPES[dtype].itemsize > 2]
    step_tables = [
        step_size_tables(name, subject.expression, interval, dtype)
        for dtype in wide_dtypes
        if not kinks
    ]
    curves = point_table(subject, ends, CURVE_POINTS, wide_dtypes, [1]) if range else None
    return Atlas(
        points=point_table(subject, interval, points, dtypes, orders),
        curves=pd.DataFrame(columns=POINT_COLUMNS) if curves is None else curves,
        accuracy=_joined(accuracy, ACCURACY_COLUMNS),
        kinks=_joined([kink_table(each, kinks, dtypes) for each in subjects], KINK_COLUMNS),
        step_sizes=_joined([steps for steps, _ in step_tables], STEP_COLUMNS),
        optima=_joined([optima for _, optima in step_tables], OPTIMUM_COLUMNS),
    )


def _joined(frames: Sequence[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)


def _chunks(
    ends: tuple[float, float],
    grids: Sequence[tuple[tuple[float, float], int]],
    dtype: str,
    samples: int,
    generator: torch.Generator,
) -> Iterable[Tensor]:
    """Every number between the ends for 16 bits; else random ranks and the linear grids.

    Args: grids, the interval of each and its number of points.

    Ranks find what goes wrong at small magnitudes, of which there are most; grids what goes wrong
    in the few binades of ordinary size.
    """
    if DTYPES[dtype].itemsize == 2:
        return all_points(*ends, DTYPES[dtype], CHUNK)
    drawn = sampled_points(*ends, DTYPES[dtype], samples, generator)
    even = [even_points(*interval, DTYPES[dtype], count) for interval, count in grids]
    chunks = torch.split(torch.cat([drawn, *even]).sort().values, CHUNK)
    return [chunk for chunk in chunks if len(chunk)]


def subjects_of(name: str, text: str, operator: str | None) -> list[Subject]:
    """The forms of a function: its expression, and torch's operator where one is named."""
    subject = expression_subject(name, text, operator)
    return [subject, *([operator_subject(operator, text)] if operator else [])]


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
    ``ulp_error`` are NaN where no certificate was reached, ``ulp_error`` also where the truth is
    exactly 0. Methods that cannot serve the subject, and dtypes that have no number in the
    interval, have no rows here; the accuracy table says why.
    """
    frames = []
    for dtype in dtypes:
        x = even_points(*interval, DTYPES[dtype], points)
        if not len(x):
            continue
        truths = _truths(subject, x, dtype, orders)
        for order in orders:
            for method in METHODS:
                try:
                    values = _doubles(derivative(method, subject, order, x))
                except Unavailable:
                    continue
                truth = truths[order]
                errors = ulp_errors(values, truth, FORMATS[dtype])
                measured = [values, truth.rounded, errors, is_lost(values, truth)]
                row = [dtype, order, method, _doubles(x), *measured]
                frames.append(pd.DataFrame(dict(zip(POINT_COLUMNS, row, strict=True))))
    return _joined(frames, POINT_COLUMNS)


def accuracy_table(
    subjects: Sequence[Subject], dtype: str, chunks: Iterable[Tensor], orders: Sequence[int]
) -> pd.DataFrame:
    """The errors of every method at the points of all chunks: one row a subject, order and method.

    The subjects are forms of one function and share its truth. Each chunk is an ascending tensor
    of the dtype; memory does not grow with their number. Rows of methods that cannot serve a
    subject carry the reason as their ``note``.
    """
    tallies, reasons = tally_chunks(subjects, dtype, chunks, orders)
    return accuracy_rows(subjects, dtype, orders, tallies, reasons)


Key = tuple[str, int, str]  # subject's name, order, method


def tally_chunks(
    subjects: Sequence[Subject], dtype: str, chunks: Iterable[Tensor], orders: Sequence[int]
) -> tuple[dict[Key, Tally], dict[Key, str]]:
    """Tallies by subject, order and method; and why the others are not available."""
    tallies: dict[Key, Tally] = {}
    reasons: dict[Key, str] = {}
    for x in chunks:
        truths = _truths(subjects[0], x, dtype, orders)
        for subject, order, method in product(subjects, orders, METHODS):
            key = subject.name, order, method
            try:
                values = _doubles(derivative(method, subject, order, x))
            except Unavailable as reason:
                reasons[key] = str(reason)
                continue
            new = tally(_doubles(x), values, truths[order], FORMATS[dtype])
            tallies[key] = merge(tallies[key], new) if key in tallies else new
    return tallies, reasons


def accuracy_rows(
    subjects: Sequence[Subject],
    dtype: str,
    orders: Sequence[int],
    tallies: Mapping[Key, Tally],
    reasons: Mapping[Key, str],
) -> pd.DataFrame:
    """The accuracy table of tallies; see `accuracy_table`."""
    rows: list[list[object]] = []
    for subject, order, method in product(subjects, orders, METHODS):
        key = subject.name, order, method
        if key in reasons or key not in tallies:
            missing = [0, *[np.nan] * 5, 0, np.nan, 0, np.nan, 0]
            note = reasons.get(key, f"{dtype} has no number in the range")
            rows.append([subject.name, order, dtype, method, *missing, note])
        else:
            rows.append(_available_row(subject, dtype, order, method, tallies[key]))
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def _available_row(
    subject: Subject, dtype: str, order: int, method: str, summary: Tally
) -> list[object]:
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
        summary.true_zeros,
        summary.max_absolute_error_at_zero,
        summary.uncertified,
        _note(subject, summary),
    ]


def _note(subject: Subject, summary: Tally) -> str:
    """How many points are judged by no method, and why the one nearest to zero is not."""
    if not summary.uncertified:
        return ""
    points = "1 point" if summary.uncertified == 1 else f"{summary.uncertified} points"
    x = summary.first_uncertified_x
    reason = why_uncertified(subject.expression, x)
    return f"{points} without certified truth (x = {x!r}: {reason})"


def _truths(subject: Subject, x: Tensor, dtype: str, orders: Sequence[int]) -> dict[int, Truth]:
    truths = certified_derivatives(subject.expression, x.tolist(), max(orders), FORMATS[dtype])
    return {order: truths[order - 1] for order in orders}


def _doubles(x: Tensor) -> Doubles:
    return np.asarray(x.to(torch.float64).numpy(force=True))  # force: jvp may give a ZeroTensor


def _first_lost(subject: Subject, dtype: str, order: int, method: str, summary: Tally) -> float:
    """The lost number nearest to zero, located among *all* numbers of the dtype.

    Between the first lost point and its kept neighbour the border is searched by rank, a few
    points at a time. It is a border in the sense of bisection: beyond it the derivative is lost,
    before it not.
    """
    if np.isnan(summary.kept_before_lost):
        return summary.first_lost_x
    ends = torch.tensor([summary.kept_before_lost, summary.first_lost_x], dtype=torch.float64)
    kept, lost = ranks(ends.to(DTYPES[dtype])).tolist()

    def is_gone(x: Tensor, value: float) -> bool:
        truth = _truths(subject, x[None], dtype, [order])[order]
        return bool(is_lost(np.array([value]), truth)[0])

    while abs(lost - kept) > 1:
        steps = min(_SEARCH_WIDTH, abs(lost - kept))
        tried = [kept + (lost - kept) * i // steps for i in range(1, steps + 1)]
        x = from_ranks(torch.tensor(tried), DTYPES[dtype])
        values = _doubles(derivative(method, subject, order, x))
        gone = next(i for i in np.flatnonzero(may_be_lost(values)) if is_gone(x[i], values[i]))
        kept, lost = ([kept, *tried][gone], tried[gone])
    return float(from_ranks(torch.tensor([lost]), DTYPES[dtype]))
