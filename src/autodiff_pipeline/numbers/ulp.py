"""Floating-point formats, and errors in units in the last place (ulp).

The ulp of a format at a real number t is the spacing of the format's numbers in t's binade,
2**(floor(log2|t|) - precision + 1), and the smallest subnormal near zero. The distance between a
computed value and the true one is measured in the ulp at the *truth*, as in Muller et al.,
Handbook of Floating-Point Arithmetic, section 2.3: at most 0.5 for a correctly rounded result.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


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
    """True values, as far as a format can tell them apart and well beyond.

    The exact value is ``(rounded + remainder * 2**ulp_exponent)``, with the remainder known to
    many digits; so errors far below one ulp can be measured in every format, float64 included.
    All fields have the shape of the points.
    """

    rounded: Doubles  # correctly rounded to the format; infinite beyond its range
    remainder: Doubles  # (truth - rounded) in ulp
    ulp_exponent: NDArray[np.int64]  # log2 of the ulp at the truth
    certified: NDArray[np.bool_]  # False: no certificate; the other fields are NaN, NaN, 0


def ulp_errors(values: Doubles, truth: Truth, form: Format) -> Doubles:
    """|values - truth| in ulp of the format at the truth; NaN where the truth is not certified.

    A NaN and a wrong infinity are infinitely wrong. A truth beyond the format's range counts as
    the next number after the largest, which is where IEEE rounding overflows.
    """
    overflow = np.isinf(truth.rounded)
    reference = np.where(overflow, np.copysign(form.largest, truth.rounded), truth.rounded)
    beyond = np.where(overflow, np.sign(truth.rounded), truth.remainder)
    with np.errstate(invalid="ignore", over="ignore"):
        distance = np.ldexp(values - reference, -truth.ulp_exponent) - beyond
        errors = np.where(values == truth.rounded, np.abs(truth.remainder), np.abs(distance))
    errors = np.where(np.isnan(values), np.inf, errors)
    return np.where(truth.certified, errors, np.nan)


def is_lost(values: Doubles, truth: Truth) -> NDArray[np.bool_]:
    """Where a value is 0, infinite or NaN although the truth is representable and is not that."""
    representable = truth.certified & np.isfinite(truth.rounded) & (truth.rounded != 0)
    lost: NDArray[np.bool_] = representable & ((values == 0) | ~np.isfinite(values))
    return lost
