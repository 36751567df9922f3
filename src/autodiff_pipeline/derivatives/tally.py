"""Summaries of errors that can be merged: memory does not grow with the number of points.

Quantiles are read from a histogram of BINS_PER_OCTAVE logarithmic bins, so they carry a relative
resolution of 2**(1/BINS_PER_OCTAVE) - 1 (0.3 %); counts, maxima and their places are exact.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.numbers.ulp import Doubles, Truth, is_lost

BINS_PER_OCTAVE = 256
_EXACT = -(2**40)  # the bin of errors that are exactly zero
_INFINITE = 2**40  # the bin of infinite errors


class Tally(NamedTuple):
    """What is known of one method's errors at some points.

    NaN stands for "none": no worst point among none, no lost point.
    """

    points: int  # with certified truth
    uncertified: int  # without, and so outside every other count
    max_absolute_error: float
    max_ulp_error: float
    worst_x: float
    lost_points: int
    first_lost_x: float  # the lost point nearest to zero
    kept_before_lost: float  # its neighbour towards zero among the points, where that was kept
    bins: NDArray[np.int64]  # of log2(error in ulp), ascending
    counts: NDArray[np.int64]


def tally(x: Doubles, values: Doubles, truth: Truth, errors: Doubles) -> Tally:
    """Summarize errors in ulp at the ascending points x; all arrays have shape (points,)."""
    known = truth.certified
    errors_known, x_known = errors[known], x[known]
    lost = is_lost(values, truth)
    first, kept = _first_lost(x, lost)
    bins, counts = np.unique(_bins(errors_known), return_counts=True)
    worst = int(np.argmax(errors_known)) if known.any() else None
    with np.errstate(over="ignore"):
        absolute = np.ldexp(errors_known, truth.ulp_exponent[known])
    return Tally(
        points=int(known.sum()),
        uncertified=int((~known).sum()),
        max_absolute_error=float(absolute.max()) if worst is not None else np.nan,
        max_ulp_error=float(errors_known[worst]) if worst is not None else np.nan,
        worst_x=float(x_known[worst]) if worst is not None else np.nan,
        lost_points=int(lost.sum()),
        first_lost_x=first,
        kept_before_lost=kept,
        bins=bins,
        counts=counts.astype(np.int64),
    )


def _first_lost(x: Doubles, lost: NDArray[np.bool_]) -> tuple[float, float]:
    places = np.flatnonzero(lost)
    if places.size == 0:
        return np.nan, np.nan
    first = int(places[np.argmin(np.abs(x[places]))])
    before = first - int(np.sign(x[first]))
    inside = 0 <= before < len(x) and not lost[before]
    return float(x[first]), float(x[before]) if inside else np.nan


def _bins(errors: Doubles) -> NDArray[np.int64]:
    with np.errstate(divide="ignore"):
        scaled = np.floor(np.log2(errors) * BINS_PER_OCTAVE)
    bins: NDArray[np.int64] = np.clip(scaled, _EXACT, _INFINITE).astype(np.int64)
    return bins


def merge(a: Tally, b: Tally) -> Tally:
    """The tally of both sets of points."""
    worse = b if not b.max_ulp_error <= a.max_ulp_error and b.points else a
    nearer = a if not abs(b.first_lost_x) < abs(a.first_lost_x) and a.lost_points else b
    bins, inverse = np.unique(np.concatenate([a.bins, b.bins]), return_inverse=True)
    counts = np.zeros(len(bins), dtype=np.int64)
    np.add.at(counts, inverse, np.concatenate([a.counts, b.counts]))
    return Tally(
        points=a.points + b.points,
        uncertified=a.uncertified + b.uncertified,
        max_absolute_error=float(np.fmax(a.max_absolute_error, b.max_absolute_error)),
        max_ulp_error=worse.max_ulp_error,
        worst_x=worse.worst_x,
        lost_points=a.lost_points + b.lost_points,
        first_lost_x=nearer.first_lost_x,
        kept_before_lost=nearer.kept_before_lost,
        bins=bins,
        counts=counts,
    )


def to_plain(summary: Tally) -> dict[str, Any]:
    """A tally as numbers and lists, for storage."""
    plain = summary._asdict()
    return {**plain, "bins": summary.bins.tolist(), "counts": summary.counts.tolist()}


def from_plain(plain: Mapping[str, Any]) -> Tally:
    """The inverse of `to_plain`."""
    bins, counts = (np.array(plain[name], dtype=np.int64) for name in ("bins", "counts"))
    return Tally(**{**plain, "bins": bins, "counts": counts})


def quantile(summary: Tally, probability: float) -> float:
    """The error in ulp that a fraction ``probability`` of the points does not exceed.

    The lower inverse of the empirical distribution, at the geometric middle of its bin.
    """
    if summary.points == 0:
        return np.nan
    wanted = max(1, int(np.ceil(probability * summary.points)))
    chosen = int(summary.bins[np.searchsorted(np.cumsum(summary.counts), wanted)])
    if chosen == _EXACT:
        return 0.0
    return (
        float(np.inf) if chosen == _INFINITE else float(2.0 ** ((chosen + 0.5) / BINS_PER_OCTAVE))
    )
