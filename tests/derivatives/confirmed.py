"""The truth of a finding, confirmed by mpmath: limits from both sides, without any calculus."""

from math import frexp

from expressions.limits import STEPS, NotReal, Uncomputable, in_mpmath, one_sided_limits
from mpmath import mp, mpf, workprec

from autodiff_pipeline.numbers.ulp import FORMATS

_NEARLY_HALF = 0.501  # ulp


def is_confirmed(expression, row):
    """Whether the truth of a row is the rounded limit of the derivative at its worst number.

    From both sides, unless the number is a kink or the end of a domain. None where mpmath cannot
    compute it.
    """
    x, order, form = row.worst_x, int(row.order), FORMATS[row.dtype]
    exponent = frexp(x)[1]
    for bits, times, exponent_times in STEPS:
        with workprec(times * bits + exponent_times * abs(exponent) + 400):
            function, step = in_mpmath(expression), mpf(2) ** min(-bits, exponent - bits)
            try:
                limits = [
                    one_sided_limits(function, mpf(x), order, side * step)[order]
                    for side in (1, -1)
                ]
            except (Uncomputable, OverflowError, MemoryError):
                return None
            except (NotReal, ZeroDivisionError):
                continue
            if all(_rounds_to(limit, row.truth, form) for limit in limits):
                return True
    return False


def _rounds_to(limit, truth, form):
    largest = mpf(form.largest)
    if abs(truth) == mp.inf:
        return limit * truth > 0 and abs(limit) > largest
    ulp = mpf(2) ** max(frexp(truth)[1] - form.precision, form.smallest_ulp_exponent)
    return abs(limit - mpf(truth)) <= _NEARLY_HALF * ulp
