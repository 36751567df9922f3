"""How large the errors of derivatives are at chunks of points, summarized as they come."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.computed import Computed, Way, same_bits
from autodiff_pipeline.derivatives.error_summary import ErrorSummary, merge, summarize
from autodiff_pipeline.derivatives.search import ROUNDS, between_worst, roots
from autodiff_pipeline.derivatives.special_numbers import beside
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.derivatives.systems.registry import derivative, system_named
from autodiff_pipeline.derivatives.truths import TruthAt, truth_at_points
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Format, Truth, ulp_errors

Key = tuple[str, str, int, str]  # subject's name, its system, order, method

# Their worst points are searched; those of finite differences are large nearly everywhere.
_SEARCHED = {"formula", "reverse_mode", "forward_mode", "forward_over_reverse", "stable"}


class Measured(NamedTuple):
    """Error summaries, and the reasons why others are unavailable."""

    summaries: Mapping[Key, ErrorSummary]
    reasons: Mapping[Key, str]


class _Task(NamedTuple):
    subjects: Sequence[Subject]
    dtype: str
    ways: Sequence[Way]
    truth_at: TruthAt
    search_in: tuple[float, float] | None


def summarize_chunks(
    subjects: Sequence[Subject],
    dtype: str,
    chunks: Iterable[Tensor],
    ways: Iterable[Way],
    truth_at: TruthAt | None = None,
    search_in: tuple[float, float] | None = None,
    known: Computed | None = None,
) -> Measured:
    """The errors of forms of one function in some ways at the points of all chunks.

    Each chunk is an ascending tensor of the dtype; memory does not grow with their number.

    Args: truth_at, the truth of the dtype; None: computed point by point, which takes far longer
    where there are many; search_in, the interval in which more points are tried, beside roots of
    the derivative and where errors are largest; None: no others than those of the chunks; known,
    the derivatives of a subject at the points of all chunks, in some ways, that need not be
    computed again.
    """
    ways = list(ways)
    highest = max(order for order, _ in ways)
    at = truth_at or truth_at_points(subjects[0].expression, dtype, highest)
    task = _Task(subjects, dtype, ways, at, search_in)
    values = _by_key(known) if known is not None else {}
    measured, end = Measured({}, {}), 0
    for x in chunks:
        start, end = end, end + len(x)
        there = {key: of[start:end] for key, of in values.items()}
        measured, errors, truths = _with_parts(task, measured, [x], there)
        if search_in and len(x):
            measured = _with_search(task, measured, x, errors, truths, search_in)
    return measured


def measurements(
    subjects: Sequence[Subject], ways: Iterable[Way]
) -> Iterator[tuple[Subject, int, str]]:
    """Every subject with every way in which its system can differentiate."""
    for subject, (order, method) in product(subjects, ways):
        if method in system_named(subject.system).METHODS:
            yield subject, order, method


def _by_key(known: Computed) -> dict[Key, Doubles]:
    name, system = known.subject.name, known.subject.system
    return {(name, system, *way): values for way, values in known.values.items()}


def _with_parts(
    task: _Task, measured: Measured, parts: Sequence[Tensor], known: Mapping[Key, Doubles]
) -> tuple[Measured, Doubles, Sequence[Truth]]:
    """What is measured with more points, part by part, each of them ascending.

    Returns: of the last part, too, the errors in ulp of the methods to be searched, (K, P), and the
    truth by order from 1 on.
    """
    summaries, reasons = dict(measured.summaries), dict(measured.reasons)
    x, ends = torch.cat([*parts]), np.cumsum([len(part) for part in parts])
    truths = [task.truth_at(doubles(part)) for part in parts]
    alike: dict[tuple[int, int], list[_Alike]] = defaultdict(list)
    errors = []
    for subject, order, method in measurements(task.subjects, task.ways):
        key = subject.name, subject.system, order, method
        try:
            values = known.get(key)
            if values is None:
                values = doubles(derivative(method, subject, order, x))
        except Unavailable as reason:
            reasons[key] = str(reason)
            continue
        split = np.split(values, ends[:-1])
        for i, (part, values) in enumerate(zip(parts, split, strict=True)):
            others, truth = alike[i, order], truths[i][order - 1]
            found = _alike(values, summaries.get(key), others, part, truth, FORMATS[task.dtype])
            summaries[key] = found.merged
            others.append(found)
        if task.search_in and method in _SEARCHED:
            errors.append(found.errors)
    found_errors = np.array(errors).reshape(len(errors), len(parts[-1]))
    return Measured(summaries, reasons), found_errors, truths[-1]


def _with_search(
    task: _Task,
    measured: Measured,
    x: Tensor,
    errors: Doubles,
    truths: Sequence[Truth],
    ends: tuple[float, float],
) -> Measured:
    """What is measured with more points: beside roots of derivatives, and where errors are largest.

    Args: x, ascending, with the errors of methods, (K, P), and the truth by order.
    """
    dtype, expression = DTYPES[task.dtype], task.subjects[0].expression
    orders = sorted({order for order, _ in task.ways})
    centres = [roots(expression, x, task.dtype, order, truths[order - 1]) for order in orders]
    parts = [part for part in (beside(each, ends, dtype) for each in centres) if len(part)]
    rank = ranks(x).numpy()
    for _ in range(ROUNDS):
        new = between_worst(rank, errors)
        if not len(new):
            break
        parts.append(from_ranks(torch.from_numpy(new), dtype))
        measured, found, _ = _with_parts(task, measured, parts, {})
        parts = []
        place = np.searchsorted(rank, new)
        rank = np.insert(rank, place, new)
        errors = np.insert(errors, place, found, axis=1)
    return _with_parts(task, measured, parts, {})[0] if parts else measured


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
