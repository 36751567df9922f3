"""Floating-point formats, and errors in units in the last place (ulp).

The ulp of a format at a real number t is the spacing of the format's numbers in t's binade
[2**e, 2**(e + 1)), 2**(e - precision + 1), and the smallest subnormal near zero. The distance
between a computed value and the true one is measured in the ulp at the *truth*, as in Muller et
al., Handbook of Floating-Point Arithmetic, section 2.3: at most 0.5 for a correctly rounded
result. Where the truth is exactly 0, errors are measured only absolutely, not in ulp: an error of
1e-16 is no worse there than elsewhere, yet it is 1e307 times the smallest subnormal.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

LARGEST = float(np.finfo(np.float64).max)  # stands for every larger finite error


class Format(NamedTuple):
    """A binary floating-point format of IEEE 754's shape."""

    precision: int  # bits of the significand, the hidden one included
    smallest_exponent: int  # of normal numbers: 2**smallest_exponent is the smallest normal
    largest_exponent: int

    @property
    def smallest_ulp_exponent(self) -> int:
        """The exponent of the smallest subnormal."""
        return self.smallest_exponent - self.precision + 1

    @property
    def largest_ulp_exponent(self) -> int:
        """The exponent of the ulp of the largest finite numbers."""
        return self.largest_exponent - self.precision + 1

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(2**self.precision - 1) * 2.0**self.largest_ulp_exponent


FORMATS = {
    "float16": Format(11, -14, 15),
    "bfloat16": Format(8, -126, 127),
    "float32": Format(24, -126, 127),
    "float64": Format(53, -1022, 1023),
}


class Truth(NamedTuple):
    """True values, with far more digits than a format can hold.

    The true value is ``rounded + remainder * 2**ulp_exponent``, with the remainder known to many
    digits, so errors far below one ulp can be measured in every format, float64 included. All
    fields have the shape of the points.
    """

    rounded: Doubles  # correctly rounded to the format; infinite beyond its range
    remainder: Doubles  # (truth - rounded) in ulp; not 0 where the truth is not 0 but rounds to it
    ulp_exponent: NDArray[np.int64]  # log2 of the ulp at the truth
    certified: NDArray[np.bool_]  # False: no certificate; the other fields are NaN, NaN, 0

    @property
    def is_zero(self) -> NDArray[np.bool_]:
        """Where the truth is exactly 0, not just too small for the format."""
        zero: NDArray[np.bool_] = self.certified & (self.rounded == 0) & (self.remainder == 0)
        return zero


def at_places(truth: Truth, places: NDArray[np.int64]) -> Truth:
    """A copy of the truth at some of its points."""
    return Truth(
        truth.rounded[places],
        truth.remainder[places],
        truth.ulp_exponent[places],
        truth.certified[places],
    )


def absolute_errors(
    values: Doubles, truth: Truth, form: Format, in_ulp: Doubles | None = None
) -> Doubles:
    """|values - truth|; NaN where the truth is not certified.

    The error of a NaN and of a wrong infinity is infinite. That of a finite value never is: the
    largest double stands for any larger error. A truth beyond the format's range counts as the
    number that would follow the largest if the exponent had no limit, as in IEEE rounding.

    Args: in_ulp, the `ulp_errors` where they are known already, which saves time.
    """
    if in_ulp is not None and form.precision < 53:  # then nothing over- or underflows in doubles
        errors = np.ldexp(in_ulp, truth.ulp_exponent)
        at_zero = truth.is_zero
        errors[at_zero] = np.nan_to_num(np.abs(values[at_zero]), nan=np.inf, posinf=np.inf)
        return errors
    return _distances(values, truth, form, np.zeros_like(truth.ulp_exponent))


def ulp_errors(values: Doubles, truth: Truth, form: Format) -> Doubles:
    """|values - truth| in the format's ulp at the truth; otherwise as `absolute_errors`.

    NaN also where the truth is exactly 0.
    """
    errors = _distances(values, truth, form, truth.ulp_exponent)
    errors[truth.is_zero] = np.nan
    return errors


def _distances(
    values: Doubles, truth: Truth, form: Format, unit_exponent: NDArray[np.int64]
) -> Doubles:
    """|values - truth| in units of 2**unit_exponent.

    Scaling by a power of two is not rounded; done before the subtraction, it overflows only where
    the result does.
    """
    reference, remainder = truth.rounded, truth.remainder
    overflow = np.isinf(reference)
    if overflow.any():
        reference = np.where(overflow, np.copysign(form.largest, reference), reference)
        remainder = np.where(overflow, np.sign(truth.rounded), remainder)
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        if form.precision < 53 and unit_exponent is truth.ulp_exponent:  # as above, in one step
            errors = np.ldexp(values - reference, -unit_exponent)
            errors -= remainder
        else:
            errors = np.ldexp(values, -unit_exponent)
            errors -= np.ldexp(reference, -unit_exponent)
            errors -= np.ldexp(remainder, truth.ulp_exponent - unit_exponent)
        np.abs(errors, out=errors)
        np.minimum(errors, LARGEST, out=errors)
    special = np.flatnonzero(~np.isfinite(values))
    errors[special] = np.where(values[special] == truth.rounded[special], 0.0, np.inf)
    errors[~truth.certified] = np.nan
    return errors


def is_lost(values: Doubles, truth: Truth) -> NDArray[np.bool_]:
    """Where a value is 0, infinite or NaN although the truth is representable and is not that.

    A truth that rounds to 0 counts as representable, by 0.
    """
    representable = truth.certified & np.isfinite(truth.rounded)
    lost: NDArray[np.bool_] = representable & may_be_lost(values) & (values != truth.rounded)
    return lost


def may_be_lost(values: Doubles) -> NDArray[np.bool_]:
    """Where a value is 0, infinite or NaN, so that the truth decides whether it is lost."""
    suspect: NDArray[np.bool_] = (values == 0) | ~np.isfinite(values)
    return suspect
