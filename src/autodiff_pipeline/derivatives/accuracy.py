"""How accurate derivatives are over many points: a row a function, system, order, dtype, method."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.borders import first_lost
from autodiff_pipeline.derivatives.computed import Computed, Way, same_bits
from autodiff_pipeline.derivatives.error_summary import ErrorSummary, merge, quantile, summarize
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.derivatives.search import ROUNDS, between_worst, roots
from autodiff_pipeline.derivatives.special_numbers import beside
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.derivatives.systems.registry import derivative, system_named
from autodiff_pipeline.derivatives.truths import TruthAt, truth_at_points
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Format, Truth, ulp_errors
from autodiff_pipeline.truth.at_points import why_uncertified

ACCURACY_COLUMNS = (
    "function system order dtype method points max_absolute_error max_ulp_error median_ulp_error "
    "p99_ulp_error worst_x lost_points first_lost_x true_zeros max_absolute_error_at_zero "
    "uncertified_points note"
).split()

Key = tuple[str, str, int, str]  # subject's name, its system, order, method

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
    known: Computed | None = None,
) -> pd.DataFrame:
    """The errors of every method at the points of all chunks: one row per subject, order, method.

    The subjects are forms of one function and share its truth. Each chunk is an ascending tensor
    of the dtype; memory does not grow with the number of chunks. Where a method cannot be applied
    to a subject, the ``note`` of its row says why. Methods that are not measured in a system at all
    have no rows there.

    Args: truth_at, the truth of the dtype; None: computed point by point, which takes far longer
    where there are many; search_in, the interval in which more points are tried, beside roots of
    the derivative and where errors are largest; None: no others than those of the chunks; known,
    the derivatives of a subject at the points of all chunks, in some ways, that need not be
    computed again.
    """
    ways = ways_of([(order, None) for order in orders])
    summaries, reasons = summarize_chunks(subjects, dtype, chunks, ways, truth_at, search_in, known)
    return accuracy_rows(subjects, dtype, ways, summaries, reasons)


def ways_of(methods: Iterable[tuple[int, Iterable[str] | None]]) -> list[Way]:
    """Orders with methods, from the methods of each order; None: every method."""
    return [(order, method) for order, named in methods for method in named or METHODS]


def _measurements(
    subjects: Sequence[Subject], ways: Iterable[Way]
) -> Iterator[tuple[Subject, int, str]]:
    for subject, (order, method) in product(subjects, ways):
        if method in system_named(subject.system).METHODS:
            yield subject, order, method


class _Alike(NamedTuple):
    """What methods have in common that agree in every bit."""

    values: Doubles
    errors: Doubles  # in ulp
    new: ErrorSummary
    before: ErrorSummary | None  # that of earlier points ...
    merged: ErrorSummary  # ... and of both


def _alike(
    values: Doubles,
    before: ErrorSummary | None,
    others: Sequence[_Alike],
    x: Tensor,
    truth: Truth,
    form: Format,
) -> _Alike:
    """One of the others, or what is to join them."""
    same = [other for other in others if same_bits(other.values, values)]
    for other in same:
        if other.before is before:
            return other
    errors = same[0].errors if same else ulp_errors(values, truth, form)
    new = same[0].new if same else summarize(doubles(x), values, truth, form, errors)
    return _Alike(values, errors, new, before, merge(before, new) if before is not None else new)


def summarize_chunks(
    subjects: Sequence[Subject],
    dtype: str,
    chunks: Iterable[Tensor],
    ways: Iterable[Way],
    truth_at: TruthAt | None = None,
    search_in: tuple[float, float] | None = None,
    known: Computed | None = None,
) -> tuple[dict[Key, ErrorSummary], dict[Key, str]]:
    """Error summaries by subject, order and method, and the reasons why others are unavailable.

    Arguments as for `accuracy_table`, but for the ways to be measured, in place of orders.
    """
    ways = list(ways)
    orders, form = sorted({order for order, _ in ways}), FORMATS[dtype]
    summaries: dict[Key, ErrorSummary] = {}
    reasons: dict[Key, str] = {}
    known_values = _by_key(known) if known is not None else {}

    expression = subjects[0].expression
    at = truth_at or truth_at_points(expression, dtype, max(orders))

    def measured(
        parts: Sequence[Tensor], known_there: Mapping[Key, Doubles]
    ) -> tuple[Doubles, Sequence[Truth]]:
        """Summarize all errors at some points, part by part, each of them ascending.

        Returns: of the last part the errors in ulp of the methods to be searched, (K, P), and the
        truth by order from 1 on.
        """
        x, ends = torch.cat([*parts]), np.cumsum([len(part) for part in parts])
        truths = [at(doubles(part)) for part in parts]
        alike: dict[tuple[int, int], list[_Alike]] = defaultdict(list)
        errors = []
        for subject, order, method in _measurements(subjects, ways):
            key = subject.name, subject.system, order, method
            try:
                values = known_there.get(key)
                if values is None:
                    values = doubles(derivative(method, subject, order, x))
            except Unavailable as reason:
                reasons[key] = str(reason)
                continue
            split = np.split(values, ends[:-1])
            for i, (part, values) in enumerate(zip(parts, split, strict=True)):
                others, truth = alike[i, order], truths[i][order - 1]
                found = _alike(values, summaries.get(key), others, part, truth, form)
                summaries[key] = found.merged
                others.append(found)
            if search_in and method in _SEARCHED:
                errors.append(found.errors)
        return np.array(errors).reshape(len(errors), len(parts[-1])), truths[-1]

    end = 0
    for x in chunks:
        start, end = end, end + len(x)
        errors, truths = measured([x], {key: of[start:end] for key, of in known_values.items()})
        if not search_in or not len(x):
            continue
        centres = [roots(expression, x, dtype, order, truths[order - 1]) for order in orders]
        near = [beside(each, search_in, DTYPES[dtype]) for each in centres]
        parts = [part for part in near if len(part)]
        rank = ranks(x).numpy()
        for _ in range(ROUNDS):
            new = between_worst(rank, errors)
            if not len(new):
                break
            found, _ = measured([*parts, from_ranks(torch.from_numpy(new), DTYPES[dtype])], {})
            parts = []
            place = np.searchsorted(rank, new)
            rank = np.insert(rank, place, new)
            errors = np.insert(errors, place, found, axis=1)
        if parts:
            measured(parts, {})
    return summaries, reasons


def _by_key(known: Computed) -> dict[Key, Doubles]:
    name, system = known.subject.name, known.subject.system
    return {(name, system, *way): values for way, values in known.values.items()}


def accuracy_rows(
    subjects: Sequence[Subject],
    dtype: str,
    ways: Iterable[Way],
    summaries: Mapping[Key, ErrorSummary],
    reasons: Mapping[Key, str],
) -> pd.DataFrame:
    """The rows of `accuracy_table`, from error summaries and the reasons for missing ones."""
    rows: list[dict[str, object]] = []
    likely: set[float] = set()  # methods are often lost from the same number on
    for subject, order, method in _measurements(subjects, ways):
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
            rows.append({**row, **_measured(subject, summaries[key], lost)})
    return pd.DataFrame(rows, columns=ACCURACY_COLUMNS)


def _measured(subject: Subject, summary: ErrorSummary, first_lost_x: float) -> dict[str, object]:
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
