"""The truth of a finding, confirmed by mpmath: limits from both sides, without any calculus."""

from math import frexp, isnan

from expressions.limits import STEPS, NotReal, Uncomputable, in_mpmath, one_sided_limits
from mpmath import mp, mpf, workprec

from autodiff_pipeline.numbers.ulp import FORMATS

_NEARLY_HALF = 0.501  # ulp


def is_confirmed(expression, row):
    """Whether the truth of a row is the rounded limit of the derivative at its worst number.

    From both sides where there are two; at a kink from one of them, and what was returned does not
    lie between the two. None where mpmath cannot compute it.
    """
    exponent = frexp(row.worst_x)[1]
    for bits, times, exponent_times in STEPS:
        with workprec(times * bits + exponent_times * abs(exponent) + 400):
            function, step = in_mpmath(expression), mpf(2) ** min(-bits, exponent - bits)
            try:
                limits = [_limit(function, row, side * step) for side in (1, -1)]
            except (Uncomputable, OverflowError, MemoryError):
                return None
            if _holds([limit for limit in limits if limit is not None], row):
                return True
    return False


def _limit(function, row, step):
    order = int(row.order)
    try:
        return one_sided_limits(function, mpf(row.worst_x), order, step)[order]
    except (NotReal, ZeroDivisionError):
        return None


def _holds(limits, row):
    agreeing = [_rounds_to(limit, row.truth, FORMATS[row.dtype]) for limit in limits]
    if all(agreeing):
        return bool(agreeing)
    is_between = not isnan(row.returned) and min(limits) <= row.returned <= max(limits)
    return any(agreeing) and not is_between


def _rounds_to(limit, truth, form):
    if abs(truth) == mp.inf:
        return limit * truth > 0 and abs(limit) > form.largest
    ulp = mpf(2) ** max(frexp(truth)[1] - form.precision, form.smallest_ulp_exponent)
    return abs(limit - mpf(truth)) <= _NEARLY_HALF * ulp
