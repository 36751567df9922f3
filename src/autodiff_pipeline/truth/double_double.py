"""Polynomials in double-double arithmetic: numbers as unevaluated sums of two doubles.

Dekker, Numerische Mathematik 18 (1971); Joldes, Muller and Popescu, ACM TOMS 44 (2017). numpy has
no fused multiply-add, so products are split.
"""

from collections.abc import Sequence

import numpy as np

from autodiff_pipeline.numbers.ulp import Doubles

Coefficients = Sequence[Doubles] | Sequence[np.float64] | Doubles  # each a scalar or (points,)

_SPLITTER = 2.0**27 + 1

HORNER_ERROR = 16 * 2.0**-106  # of `horner_in_two`, see there


def horner(coefficients: Coefficients, t: Doubles) -> Doubles:
    """The polynomial with these coefficients, lowest first, at the points t, in doubles.

    The error is at most 2**-53 (1 + 2**-40) * sum_k (2 k + 1) |c_k| |t|**k.
    """
    total = np.empty_like(t)
    total[...] = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        np.multiply(total, t, out=total)
        np.add(total, coefficient, out=total)
    return total


def horner_in_two(
    high: Coefficients, low: Coefficients, rest: Doubles, t: Doubles
) -> tuple[Doubles, Doubles]:
    """The polynomial with coefficients high + low, lowest first, plus rest * t**len(high).

    Returns (h, l), where h is h + l rounded to a double. For |low| <= 2**-53 |high| the error is at
    most HORNER_ERROR * sum_k (k + 1) |c_k| |t|**k: product and sum of a step are rounded only in
    their small parts, and the error of each of the five roundings there is at most 2**-106 times
    three of the summands. No number may overflow, and |t| and |c_k| may not be tiny.
    """
    t_high, t_low = _split(t)
    total, small = rest, np.zeros_like(t)
    for c_high, c_low in zip(high[::-1], low[::-1], strict=True):
        product = total * t
        total_high, total_low = _split(total)
        error = total_high * t_high
        error -= product
        error += total_high * t_low
        error += total_low * t_high
        error += total_low * t_low
        small *= t
        error += small
        total = product + c_high
        kept = total - product
        error += (product - (total - kept)) + (c_high - kept)
        error += c_low
        high_part = total + error
        small = error - (high_part - total)
        total = high_part
    return total, small


def times(high: Doubles, low: Doubles, factor: Doubles) -> tuple[Doubles, Doubles]:
    """The product of high + low and a double, as such a sum, within 2**-104 of its size.

    No number may overflow or be tiny.
    """
    product = high * factor
    (a, a_low), (b, b_low) = _split(high), _split(factor)
    error = ((a * b - product) + a * b_low + a_low * b) + a_low * b_low + low * factor
    total = product + error
    return total, error - (total - product)


def _split(a: Doubles) -> tuple[Doubles, Doubles]:
    scaled = a * _SPLITTER
    high = scaled - (scaled - a)
    return high, a - high
