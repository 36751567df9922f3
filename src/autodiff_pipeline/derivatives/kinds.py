"""In which way a derivative is wrong, if it is."""

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.numbers.ulp import Doubles, Format, Truth, ulp_errors

IMPRECISE = 1000.0  # ulp: what is farther off than this is a finding
UNDERFLOW = 16.0  # ulp: a 0 so close to the truth, the smallest subnormals, counts as rounding

KINDS = ("lost", "nan", "infinite", "wrong_sign", "imprecise")
RIGHT = -1  # beside the indices of KINDS
BESIDE_ROOT = 8  # is added to the index of a kind: see `judgement`

_LOST, _NAN, _INFINITE, _WRONG_SIGN, _IMPRECISE = range(5)

Kinds = NDArray[np.int8]


def kinds_of(values: Doubles, truth: Truth, form: Format) -> tuple[Kinds, Doubles]:
    """What is wrong with each value, an index of KINDS or RIGHT, and its error in ulp.

    - lost: 0, and the truth is more than UNDERFLOW ulp away from that;
    - nan: NaN, wherever there is a truth;
    - infinite: an infinity where the truth is finite and representable;
    - wrong_sign: of the other sign than the truth, and not just by rounding;
    - imprecise: otherwise more than IMPRECISE ulp from the truth.

    Where the truth is exactly 0 an error in ulp has no meaning. A value counts as rounded to the
    last digits if it is at most IMPRECISE ulp of the largest finite truth among the points, and as
    imprecise beyond; the error is then infinite. Where no truth is certified all is right.

    Args: values, truth, of shape (points,).
    """
    errors = ulp_errors(values, truth, form)
    at_zero = truth.is_zero
    if at_zero.any():
        finite = np.abs(truth.rounded[np.isfinite(truth.rounded)])
        rounding = IMPRECISE * 2.0 ** (1 - form.precision) * finite.max(initial=0.0)
        with np.errstate(invalid="ignore"):
            is_rounded = np.abs(values) <= rounding
        errors = np.where(at_zero, np.where(is_rounded, 0.0, np.inf), errors)
    with np.errstate(invalid="ignore"):
        opposite = np.sign(values) * np.sign(truth.rounded) < 0
    kinds = np.full(len(values), RIGHT, dtype=np.int8)
    for kind, found in (  # the last that holds counts
        (_IMPRECISE, errors > IMPRECISE),
        (_WRONG_SIGN, opposite & (errors > IMPRECISE)),
        (_LOST, (values == 0) & (errors > UNDERFLOW)),
        (_INFINITE, np.isinf(values) & np.isfinite(truth.rounded)),
        (_NAN, np.isnan(values)),
    ):
        kinds[found & truth.certified] = kind
    return kinds, errors
