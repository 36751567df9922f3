"""How accurate derivatives are over many points: a row a function, system, order, dtype, method."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from torch import Tensor

from autodiff_pipeline.derivatives.borders import first_lost
from autodiff_pipeline.derivatives.computed import Computed, Way
from autodiff_pipeline.derivatives.error_summary import ErrorSummary, quantile
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.derivatives.subject import Subject
from autodiff_pipeline.derivatives.summaries import Measured, measurements, summarize_chunks
from autodiff_pipeline.derivatives.truths import TruthAt
from autodiff_pipeline.truth.at_points import why_uncertified

ACCURACY_COLUMNS = (
    "function system order dtype method points max_absolute_error max_ulp_error median_ulp_error "
    "p99_ulp_error worst_x lost_points first_lost_x true_zeros max_absolute_error_at_zero "
    "uncertified_points note"
).split()

_COUNTS = ("points", "lost_points", "true_zeros", "uncertified_points")
_MISSING = {name: 0 if name in _COUNTS else np.nan for name in ACCURACY_COLUMNS[5:-1]}


def accuracy_table(
    subjects: Sequence[Subject],
    dtype: str,
    chunks: Iterable[Tensor],
    orders: Sequence[int],
    truth_at: TruthAt | None = None,
    search_in: tuple[float, float] | None = None,
    known: Computed | None = None,
) -> pd.DataFrame:
    """The errors of every method at the points of all chunks: one row per subject, order, method.

    The subjects are forms of one function and share its truth. Where a method cannot be applied
    to a subject, the ``note`` of its row says why. Methods that are not measured in a system at all
    have no rows there.

    Args: orders, of the derivatives; the others as for `summarize_chunks`.
    """
    ways = ways_of([(order, None) for order in orders])
    measured = summarize_chunks(subjects, dtype, chunks, ways, truth_at, search_in, known)
    return accuracy_rows(subjects, dtype, ways, measured)


def ways_of(methods: Iterable[tuple[int, Iterable[str] | None]]) -> list[Way]:
    """Orders with methods, from the methods of each order; None: every method."""
    return [(order, method) for order, named in methods for method in named or METHODS]


def accuracy_rows(
    subjects: Sequence[Subject],
    dtype: str,
    ways: Iterable[Way],
    measured: Measured,
) -> pd.DataFrame:
    """The rows of `accuracy_table`, from what was measured."""
    summaries, reasons = measured
    rows: list[dict[str, object]] = []
    likely: set[float] = set()  # methods are often lost from the same number on
    for subject, order, method in measurements(subjects, ways):
        key = subject.name, subject.system, order, method
        row = {"function": subject.name, "system": subject.system, "order": order}
        row |= {"dtype": dtype, "method": method}
        if key in reasons or key not in summaries:
            note = reasons.get(key, f"{dtype} has no number in the range")
            rows.append({**row, **_MISSING, "note": note})
        else:
            lost = first_lost(subject, dtype, order, method, summaries[key], likely)
            if not np.isnan(lost):
                likely.add(lost)
            rows.append({**row, **_row(subject, summaries[key], lost)})
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def _row(subject: Subject, summary: ErrorSummary, first_lost_x: float) -> dict[str, object]:
    return {
        "points": summary.points,
        "max_absolute_error": summary.max_absolute_error,
        "max_ulp_error": summary.max_ulp_error,
        "median_ulp_error": quantile(summary, 0.5),
        "p99_ulp_error": quantile(summary, 0.99),
        "worst_x": summary.worst_x,
        "lost_points": summary.lost_points,
        "first_lost_x": first_lost_x,
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
