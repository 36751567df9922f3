"""Certified truth by pieces: for many points at once, from Taylor models.

To evaluate a polynomial is far cheaper than to certify a point by itself. Points in holes, and
those whose derivative is within the error of a tie between two numbers of the format, or of a power
of two, where the ulp changes, are computed one by one.
"""

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.numbers.ulp import Doubles, Truth
from autodiff_pipeline.truth.at_points import certified_derivatives, write_truth
from autodiff_pipeline.truth.double_double import horner, horner_in_two, times
from autodiff_pipeline.truth.pieces import Pieces
from autodiff_pipeline.truth.taylor_models import LIFT

_CLEAR = 2.0**-20  # ulp; with a remainder so close to 1/2, the point is computed by itself
_CLOSE = 2 * _CLEAR  # ulp; a truth so close to a power of two may be on the other side
_BLOCK = 8192  # points at once: temporaries stay in the cache


def truth_by_pieces(pieces: Pieces, x: Doubles) -> list[Truth]:
    """The truth, by order, at ascending points of the format inside the pieces' interval.

    The results are those of `certified_derivatives`, except that remainders differ by up to 2**-20
    ulp.

    Raises ValueError for points that are not ascending or outside.
    """
    if len(x) and not (pieces.ends[0] <= x[0] and x[-1] <= pieces.ends[-1]):
        raise ValueError(f"points lie outside [{pieces.ends[0]}, {pieces.ends[-1]}]")
    if not np.all(x[1:] >= x[:-1]):
        raise ValueError("points are not ascending")
    orders = len(pieces.scales)
    truths = [_empty(len(x)) for _ in range(orders)]
    in_hole = np.empty(len(x), dtype=np.bool_)
    for first in range(0, len(x), _BLOCK):
        block = slice(first, first + _BLOCK)
        index = _pieces_of(pieces.ends, x[block])
        in_hole[block] = pieces.holes[index]
        for n, truth in enumerate(truths):
            with np.errstate(over="ignore", invalid="ignore"):  # in holes no value counts
                clear = _round_models(pieces, n, index, x[block], _part(truth, block))
            truth.certified[block] = clear
    if len(places := np.flatnonzero(in_hole)):
        for truth, known in zip(truths, _at_points(pieces, x[places], orders), strict=True):
            write_truth(truth, places, known)
    for n, truth in enumerate(truths):
        if len(places := np.flatnonzero(~truth.certified & ~in_hole)):
            write_truth(truth, places, _at_points(pieces, x[places], n + 1)[n])
    return truths


def _at_points(pieces: Pieces, x: Doubles, order: int) -> list[Truth]:
    return certified_derivatives(pieces.expression, x.tolist(), order, pieces.form)


def _empty(points: int) -> Truth:
    return Truth(
        np.empty(points),
        np.empty(points),
        np.empty(points, dtype=np.int64),
        np.empty(points, dtype=np.bool_),
    )


def _part(truth: Truth, block: slice) -> Truth:
    return Truth(
        truth.rounded[block],
        truth.remainder[block],
        truth.ulp_exponent[block],
        truth.certified[block],
    )


def _pieces_of(ends: Doubles, x: Doubles) -> np.int64 | NDArray[np.int64]:
    """The index of each ascending point's piece, or one index where all lie in the same piece."""
    first, last = np.searchsorted(ends[1:-1], x[[0, -1]], side="right")
    if first == last:
        return np.int64(first)
    beyond = np.searchsorted(x, ends[first + 1 : last + 1])  # the first point of each next piece
    counts = np.diff(beyond, prepend=0, append=len(x))
    return np.repeat(np.arange(first, last + 1), counts)


def _round_models(
    pieces: Pieces, n: int, index: np.int64 | NDArray[np.int64], x: Doubles, truth: Truth
) -> NDArray[np.bool_]:
    """Write the truth of order n + 1 at x into ``truth``; returns where it is beyond doubt."""
    form, scale = pieces.form, pieces.scales[n, index]
    high, low = _value(pieces, n, index, x)
    bits = (high * pieces.nudges[n, index]).view(np.int64)
    ulp_exponent = (bits >> 52) & 0x7FF
    if low is not None:  # just below a power of two the ulp is that of the binade below
        ulp_exponent -= ((bits & (2**52 - 1)) == 0) & (np.sign(high) == -np.sign(low))
    ulp_exponent -= 1022 + scale + form.precision
    np.maximum(ulp_exponent, form.smallest_ulp_exponent, out=ulp_exponent)
    np.minimum(ulp_exponent, form.largest_ulp_exponent, out=ulp_exponent)
    to_ulp = _power_of_two(-ulp_exponent - scale)
    in_ulp = high * to_ulp
    whole = np.rint(in_ulp)
    remainder = np.subtract(in_ulp, whole, out=truth.remainder)
    if low is not None:
        remainder += low * to_ulp
    clear: NDArray[np.bool_] = np.abs(remainder) < 0.5 - _CLEAR
    size = np.abs(whole)  # a power of two, perhaps from below, where the ulp is smaller?
    power = size == 2.0**form.precision
    power |= (size == 2.0 ** (form.precision - 1)) & (ulp_exponent > form.smallest_ulp_exponent)
    if power.any():
        power &= np.abs(remainder) < _CLOSE
        clear &= ~power | (pieces.nudges[n, index] != 1)
    with np.errstate(over="ignore"):
        whole *= _power_of_two(ulp_exponent + scale)
        whole *= _power_of_two(-scale >> 1)
        rounded = np.multiply(whole, _power_of_two(-scale - (-scale >> 1)), out=truth.rounded)
    overflow = np.abs(rounded) > form.largest
    if overflow.any():
        rounded[overflow] = np.copysign(np.inf, rounded[overflow])
        remainder[overflow] = 0.0
    truth.ulp_exponent[...] = ulp_exponent
    return clear


def _value(
    pieces: Pieces, n: int, index: np.int64 | NDArray[np.int64], x: Doubles
) -> tuple[Doubles, Doubles | None]:
    """The scaled derivative of order n + 1, a double or the sum of two."""
    shift = -pieces.shifts[index]
    half = shift >> 1
    t = (x - pieces.middles[index]) * _power_of_two(half) * _power_of_two(shift - half)
    high, low = pieces.high[n].take(index, axis=1), pieces.low[n].take(index, axis=1)
    in_two = len(low)
    value, small = horner(high[in_two:], t), None
    if in_two:
        value, small = horner_in_two(high[:in_two], low, value, t)
    if (lifted := pieces.lifted[n, index]).any():
        factor = np.where(lifted, x, 1.0) * np.where(lifted, 2.0**LIFT, 1.0)
        return (value * factor, None) if small is None else times(value, small, factor)
    return value, small


def _power_of_two(exponent: NDArray[np.int64] | np.int64) -> Doubles:
    """2.0**exponent for exponents of normal doubles."""
    bits: NDArray[np.int64] = np.asarray((exponent + 1023) << 52)
    return bits.view(np.float64)
