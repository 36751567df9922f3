"""How accurate derivatives are over many points: a row a function, system, order, dtype, method."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.borders import first_lost
from autodiff_pipeline.derivatives.error_summary import ErrorSummary, merge, quantile, summarize
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.derivatives.search import ROUNDS, between_worst, roots
from autodiff_pipeline.derivatives.special_numbers import beside
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.derivatives.systems.registry import derivative, system_named
from autodiff_pipeline.derivatives.truths import TruthAt, truth_at_points
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth, ulp_errors
from autodiff_pipeline.truth.at_points import why_uncertified

ACCURACY_COLUMNS = (
    "function system order dtype method points max_absolute_error max_ulp_error median_ulp_error "
    "p99_ulp_error worst_x lost_points first_lost_x true_zeros max_absolute_error_at_zero "
    "uncertified_points note"
).split()

# Their worst points are searched; those of finite differences are large nearly everywhere.
_SEARCHED = {"formula", "reverse_mode", "forward_mode", "forward_over_reverse", "stable"}

_COUNTS = ("points", "lost_points", "true_zeros", "uncertified_points")
_MISSING = {name: 0 if name in _COUNTS else np.nan for name in ACCURACY_COLUMNS[5:-1]}


def accuracy_table(
    subjects: Sequence[Subject],
    dtype: str,
    chunks: Iterable[Tensor],
    orders: Sequence[int],
    truth_at: TruthAt | None = None,
    search_in: tuple[float, float] | None = None,
) -> pd.DataFrame:
    """The errors of every method at the points of all chunks: one row per subject, order, method.

    The subjects are forms of one function and share its truth. Each chunk is an ascending tensor
    of the dtype; memory does not grow with the number of chunks. Where a method cannot be applied
    to a subject, the ``note`` of its row says why. Methods that are not measured in a system at all
    have no rows there.

    Args: truth_at, the truth of the dtype; None: computed point by point, which takes far longer
    where there are many; search_in, the interval in which more points are tried, beside roots of
    the derivative and where errors are largest; None: no others than those of the chunks.
    """
    ways = ways_of([(order, None) for order in orders])
    summaries, reasons = summarize_chunks(subjects, dtype, chunks, ways, truth_at, search_in)
    return accuracy_rows(subjects, dtype, ways, summaries, reasons)


Way = tuple[int, str]  # order, method
Key = tuple[str, str, int, str]  # subject's name, its system, order, method


def ways_of(methods: Iterable[tuple[int, Iterable[str] | None]]) -> list[Way]:
    """Orders with methods, from the methods of each order; None: every method."""
    return [(order, method) for order, named in methods for method in named or METHODS]


def _measurements(
    subjects: Sequence[Subject], ways: Iterable[Way]
) -> Iterator[tuple[Subject, int, str]]:
    for subject, (order, method) in product(subjects, ways):
        if method in system_named(subject.system).METHODS:
            yield subject, order, method


def summarize_chunks(
    subjects: Sequence[Subject],
    dtype: str,
    chunks: Iterable[Tensor],
    ways: Iterable[Way],
    truth_at: TruthAt | None = None,
    search_in: tuple[float, float] | None = None,
) -> tuple[dict[Key, ErrorSummary], dict[Key, str]]:
    """Error summaries by subject, order and method, and the reasons why others are unavailable.

    Arguments as for `accuracy_table`, but for the ways to be measured, in place of orders.
    """
    ways = list(ways)
    orders = sorted({order for order, _ in ways})
    summaries: dict[Key, ErrorSummary] = {}
    reasons: dict[Key, str] = {}

    def errors_at(x: Tensor, truths: Mapping[int, Truth]) -> Doubles:
        """The errors of the methods to be searched, (K, P), after all have been summarized."""
        errors = []
        alike: dict[int, list[tuple[Doubles, ErrorSummary]]] = {order: [] for order in orders}
        for subject, order, method in _measurements(subjects, ways):
            key = subject.name, subject.system, order, method
            try:
                values = doubles(derivative(method, subject, order, x))
            except Unavailable as reason:
                reasons[key] = str(reason)
                continue
            new = next((summary for other, summary in alike[order] if _same(other, values)), None)
            if new is None:  # methods often agree in every bit
                new = summarize(doubles(x), values, truths[order], FORMATS[dtype])
                alike[order].append((values, new))
            summaries[key] = merge(summaries[key], new) if key in summaries else new
            if search_in and method in _SEARCHED:
                errors.append(ulp_errors(values, truths[order], FORMATS[dtype]))
        return np.array(errors).reshape(len(errors), len(x))

    expression = subjects[0].expression
    at = truth_at or truth_at_points(expression, dtype, max(orders))

    def measured(x: Tensor) -> tuple[Doubles, dict[int, Truth]]:
        known = at(doubles(x))
        truths = {order: known[order - 1] for order in orders}
        return errors_at(x, truths), truths

    for x in chunks:
        errors, truths = measured(x)
        if search_in and len(x):
            for order in orders:
                centres = roots(expression, x, dtype, order, truths[order])
                near = beside(centres, search_in, DTYPES[dtype])
                if len(near):
                    measured(near)
            rank = ranks(x).numpy()
            for _ in range(ROUNDS):
                new = between_worst(rank, errors)
                if not len(new):
                    break
                found, _ = measured(from_ranks(torch.from_numpy(new), DTYPES[dtype]))
                place = np.searchsorted(rank, new)
                rank = np.insert(rank, place, new)
                errors = np.insert(errors, place, found, axis=1)
    return summaries, reasons


def _same(a: Doubles, b: Doubles) -> bool:
    return np.array_equal(a.view(np.int64), b.view(np.int64))


def accuracy_rows(
    subjects: Sequence[Subject],
    dtype: str,
    ways: Iterable[Way],
    summaries: Mapping[Key, ErrorSummary],
    reasons: Mapping[Key, str],
) -> pd.DataFrame:
    """The rows of `accuracy_table`, from error summaries and the reasons for missing ones."""
    rows: list[dict[str, object]] = []
    for subject, order, method in _measurements(subjects, ways):
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
