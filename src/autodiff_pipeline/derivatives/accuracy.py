"""How accurate derivatives are over many points: a row a function, system, order, dtype, method."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from torch import Tensor

from autodiff_pipeline.derivatives.borders import first_lost
from autodiff_pipeline.derivatives.error_summary import ErrorSummary, merge, quantile, summarize
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.derivatives.point_table import truths_at
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.derivatives.systems.registry import derivative
from autodiff_pipeline.numbers.ranks import doubles
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.truth.at_points import why_uncertified

ACCURACY_COLUMNS = (
    "function system order dtype method points max_absolute_error max_ulp_error median_ulp_error "
    "p99_ulp_error worst_x lost_points first_lost_x true_zeros max_absolute_error_at_zero "
    "uncertified_points note"
).split()

_COUNTS = ("points", "lost_points", "true_zeros", "uncertified_points")
_MISSING = {name: 0 if name in _COUNTS else np.nan for name in ACCURACY_COLUMNS[5:-1]}


def accuracy_table(
    subjects: Sequence[Subject], dtype: str, chunks: Iterable[Tensor], orders: Sequence[int]
) -> pd.DataFrame:
    """The errors of every method at the points of all chunks: one row per subject, order, method.

    The subjects are forms of one function and share its truth. Each chunk is an ascending tensor
    of the dtype; memory does not grow with the number of chunks. Where a method cannot be applied
    to a subject, the ``note`` of its row says why.
    """
    summaries, reasons = summarize_chunks(subjects, dtype, chunks, orders)
    return accuracy_rows(subjects, dtype, orders, summaries, reasons)


Key = tuple[str, str, int, str]  # subject's name, its system, order, method


def summarize_chunks(
    subjects: Sequence[Subject], dtype: str, chunks: Iterable[Tensor], orders: Sequence[int]
) -> tuple[dict[Key, ErrorSummary], dict[Key, str]]:
    """Error summaries by subject, order and method, and the reasons why others are unavailable."""
    summaries: dict[Key, ErrorSummary] = {}
    reasons: dict[Key, str] = {}
    for x in chunks:
        truths = truths_at(subjects[0].expression, x, dtype, orders)
        for subject, order, method in product(subjects, orders, METHODS):
            key = subject.name, subject.system, order, method
            try:
                values = doubles(derivative(method, subject, order, x))
            except Unavailable as reason:
                reasons[key] = str(reason)
                continue
            new = summarize(doubles(x), values, truths[order], FORMATS[dtype])
            summaries[key] = merge(summaries[key], new) if key in summaries else new
    return summaries, reasons


def accuracy_rows(
    subjects: Sequence[Subject],
    dtype: str,
    orders: Sequence[int],
    summaries: Mapping[Key, ErrorSummary],
    reasons: Mapping[Key, str],
) -> pd.DataFrame:
    """The rows of `accuracy_table`, from error summaries and the reasons for missing ones."""
    rows: list[dict[str, object]] = []
    for subject, order, method in product(subjects, orders, METHODS):
        key = subject.name, subject.system, order, method
        row = {"function": subject.name, "system": subject.system, "order": order}
        row |= {"dtype": dtype, "method": method}
        if key in reasons or key not in summaries:
            note = reasons.get(key, f"{dtype} has no number in the range")
            rows.append({**row, **_MISSING, "note": note})
        else:
            rows.append({**row, **_measured(subject, dtype, order, method, summaries[key])})
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def _measured(
    subject: Subject, dtype: str, order: int, method: str, summary: ErrorSummary
) -> dict[str, object]:
    return {
        "points": summary.points,
        "max_absolute_error": summary.max_absolute_error,
        "max_ulp_error": summary.max_ulp_error,
        "median_ulp_error": quantile(summary, 0.5),
        "p99_ulp_error": quantile(summary, 0.99),
        "worst_x": summary.worst_x,
        "lost_points": summary.lost_points,
        "first_lost_x": first_lost(subject, dtype, order, method, summary),
        "true_zeros": summary.true_zeros,
        "max_absolute_error_at_zero": summary.max_absolute_error_at_zero,
        "uncertified_points": summary.uncertified,
        "note": _note(subject, summary),
    }


def _note(subject: Subject, summary: ErrorSummary) -> str:
    """How many points have no certified truth, and why the one nearest to zero has none."""
    if not summary.uncertified:
        return ""
    points = "1 point" if summary.uncertified == 1 else f"{summary.uncertified} points"
    x = summary.first_uncertified_x
    reason = why_uncertified(subject.expression, x)
    return f"{points} without certified truth (x = {x!r}: {reason})"
