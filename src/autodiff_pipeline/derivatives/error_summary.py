"""Error summaries that can be merged, so that memory does not grow with the number of points.

Quantiles are read from a histogram with 256 bins per factor of two, equally wide, so that their
relative error is at most 1/512. Counts, maxima and their places are not rounded.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.numbers.ulp import (
    LARGEST,
    Doubles,
    Format,
    Truth,
    absolute_errors,
    is_lost,
)

_DROPPED_BITS = 52 - 8  # of a double; the others, its exponent and 8 bits, number its bin
_LAST_BIN = (0x7FF << 8) - 1  # of finite numbers; the next is that of infinity


class ErrorSummary(NamedTuple):
    """What is known of one method's errors at some points.

    NaN stands for "none", as where no point is lost. Errors in ulp cover the points whose truth is
    not exactly 0; where it is, errors are absolute only.
    """

    points: int  # with certified truth
    uncertified: int  # without, and so outside every other count
    first_uncertified_x: float  # the one nearest to zero
    true_zeros: int  # of the points
    max_absolute_error: float
    max_absolute_error_at_zero: float  # where the truth is exactly 0
    max_ulp_error: float
    worst_x: float
    lost_points: int
    first_lost_x: float  # the lost point nearest to zero
    kept_before_lost: float  # its neighbour towards zero among the points, if that is not lost
    bins: NDArray[np.int64]  # of the errors in ulp, ascending
    counts: NDArray[np.int64]


def summarize(
    x: Doubles, values: Doubles, truth: Truth, form: Format, in_ulp: Doubles
) -> ErrorSummary:
    """Summarize the errors of values at the ascending points x; all arrays of shape (points,).

    Args: in_ulp, the `ulp_errors`.
    """
    known, at_zero = truth.certified, truth.is_zero
    measured = known & ~at_zero
    absolute = absolute_errors(values, truth, form, in_ulp)
    errors, places = _chosen(measured, in_ulp, x)
    worst = int(np.argmax(errors)) if len(errors) else None
    lost = is_lost(values, truth)
    first, kept = _first_lost(x, lost)
    bins, counts = _histogram(errors)
    return ErrorSummary(
        points=int(known.sum()),
        uncertified=int((~known).sum()),
        first_uncertified_x=_nearest_to_zero(x[~known]),
        true_zeros=int(at_zero.sum()),
        max_absolute_error=_largest(*_chosen(known, absolute)),
        max_absolute_error_at_zero=_largest(absolute[at_zero]),
        max_ulp_error=float(errors[worst]) if worst is not None else np.nan,
        worst_x=float(places[worst]) if worst is not None else np.nan,
        lost_points=int(lost.sum()),
        first_lost_x=first,
        kept_before_lost=kept,
        bins=bins,
        counts=counts,
    )


def _chosen(mask: NDArray[np.bool_], *arrays: Doubles) -> tuple[Doubles, ...]:
    return arrays if mask.all() else tuple(array[mask] for array in arrays)


def _largest(errors: Doubles) -> float:
    return float(errors.max()) if errors.size else np.nan


def _nearest_to_zero(x: Doubles) -> float:
    return float(x[np.argmin(np.abs(x))]) if x.size else np.nan


def _first_lost(x: Doubles, lost: NDArray[np.bool_]) -> tuple[float, float]:
    places = np.flatnonzero(lost)
    if places.size == 0:
        return np.nan, np.nan
    first = int(places[np.argmin(np.abs(x[places]))])
    before = first - int(np.sign(x[first]))
    inside = 0 <= before < len(x) and not lost[before]
    return float(x[first]), float(x[before]) if inside else np.nan


def _histogram(errors: Doubles) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The bins that are not empty, ascending, and their counts."""
    bins: NDArray[np.int64] = errors.view(np.int64) >> _DROPPED_BITS
    zeros, infinite = len(bins) - np.count_nonzero(bins), np.count_nonzero(bins > _LAST_BIN)
    if zeros or infinite:  # far from all others
        bins = bins[(bins > 0) & (bins <= _LAST_BIN)]
    lowest = int(bins.min(initial=_LAST_BIN))
    counts = np.bincount(bins - lowest)
    filled = np.flatnonzero(counts)
    ends = np.array([[0, zeros], [_LAST_BIN + 1, infinite]])
    rows = np.concatenate([ends[:1], np.stack([filled + lowest, counts[filled]], axis=1), ends[1:]])
    rows = rows[rows[:, 1] > 0]
    return rows[:, 0], rows[:, 1]


def merge(a: ErrorSummary, b: ErrorSummary) -> ErrorSummary:
    """The summary of both sets of points."""
    worse = b if np.isnan(a.max_ulp_error) or b.max_ulp_error > a.max_ulp_error else a
    nearer = b if np.isnan(a.first_lost_x) or abs(b.first_lost_x) < abs(a.first_lost_x) else a
    first_uncertified = np.array([a.first_uncertified_x, b.first_uncertified_x])
    bins, inverse = np.unique(np.concatenate([a.bins, b.bins]), return_inverse=True)
    counts = np.zeros(len(bins), dtype=np.int64)
    np.add.at(counts, inverse, np.concatenate([a.counts, b.counts]))
    return ErrorSummary(
        points=a.points + b.points,
        uncertified=a.uncertified + b.uncertified,
        first_uncertified_x=_nearest_to_zero(first_uncertified[~np.isnan(first_uncertified)]),
        true_zeros=a.true_zeros + b.true_zeros,
        max_absolute_error=float(np.fmax(a.max_absolute_error, b.max_absolute_error)),
        max_absolute_error_at_zero=float(
            np.fmax(a.max_absolute_error_at_zero, b.max_absolute_error_at_zero)
        ),
        max_ulp_error=worse.max_ulp_error,
        worst_x=worse.worst_x,
        lost_points=a.lost_points + b.lost_points,
        first_lost_x=nearer.first_lost_x,
        kept_before_lost=nearer.kept_before_lost,
        bins=bins,
        counts=counts,
    )


def to_plain(summary: ErrorSummary) -> dict[str, Any]:
    """A summary as numbers and lists, for storage."""
    plain = summary._asdict()
    return {**plain, "bins": summary.bins.tolist(), "counts": summary.counts.tolist()}


def from_plain(plain: Mapping[str, Any]) -> ErrorSummary:
    """The inverse of `to_plain`."""
    bins, counts = (np.array(plain[name], dtype=np.int64) for name in ("bins", "counts"))
    return ErrorSummary(**{**plain, "bins": bins, "counts": counts})


def quantile(summary: ErrorSummary, probability: float) -> float:
    """The error in ulp that a fraction ``probability`` of the points does not exceed.

    Counts the points whose truth is not 0. The result is the lower inverse of the empirical
    distribution, at the middle of the bin.
    """
    measured = int(summary.counts.sum())
    if measured == 0:
        return np.nan
    wanted = max(1, int(np.ceil(probability * measured)))
    chosen = int(summary.bins[np.searchsorted(np.cumsum(summary.counts), wanted)])
    if chosen == 0:
        return 0.0
    if chosen > _LAST_BIN:
        return np.inf
    if chosen == _LAST_BIN:
        return LARGEST
    middle = (2 * chosen + 1) << (_DROPPED_BITS - 1)
    return float(np.int64(middle).view(np.float64))
