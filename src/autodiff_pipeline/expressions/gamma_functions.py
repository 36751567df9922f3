"""The gamma function and its kin in certified arithmetic; equations as in `special_functions`."""

from functools import partial
from math import factorial

from flint import arb, arb_series, ctx

from autodiff_pipeline.expressions.power_series import (
    KINK,
    POLE,
    UNDECIDED,
    Ball,
    BallOrSeries,
    Function,
    Undefined,
    expanded_by,
    integrated,
    start,
    within,
)
from autodiff_pipeline.expressions.special_functions import monotone


def lgamma(u: BallOrSeries) -> BallOrSeries:
    """The logarithm of the absolute value of the gamma function, left of 0 by reflection."""
    first = start(u)
    if first > 0:
        return u.lgamma()
    sine = u.sin_pi()
    if start(sine).is_zero():
        raise Undefined(POLE)
    if not first < 0 or not start(sine) != 0:
        raise Undefined(UNDECIDED)
    return arb.pi().log() - (sine if start(sine) > 0 else -sine).log() - (1 - u).lgamma()


def polygamma(n: Ball, u: BallOrSeries) -> BallOrSeries:
    """The derivative of order n + 1 of lgamma."""
    order = int(n.unique_fmpz()) + 1

    def taylor(x: Ball, terms: int) -> list[Ball]:
        cap = ctx.cap
        ctx.cap = terms + order
        try:
            series = lgamma(arb_series([x, 1], terms + order))
        finally:
            ctx.cap = cap
        return [series[k + order] * factorial(k + order) / factorial(k) for k in range(terms)]

    return expanded_by(taylor)(u)


def gammainc(a: Ball, u: BallOrSeries) -> BallOrSeries:
    """The regularized lower incomplete gamma function of order a, for u >= 0."""
    return _incomplete(partial(_lower_gamma, a), a, arb(1), u)


def gammaincc(a: Ball, u: BallOrSeries) -> BallOrSeries:
    """The regularized upper incomplete gamma function of order a, for u >= 0."""
    return _incomplete(partial(_upper_gamma, a), a, arb(-1), u)


def _incomplete(value: Function, a: Ball, sign: Ball, u: BallOrSeries) -> BallOrSeries:
    """An antiderivative of sign times the density of the gamma distribution (DLMF 8.2.4)."""

    def slope(z: BallOrSeries) -> BallOrSeries:
        return sign * ((a - 1) * z.log() - z - a.lgamma()).exp()

    return within(lambda z: z, integrated(partial(monotone, value), slope), KINK)(u)


def _lower_gamma(a: Ball, x: Ball) -> Ball:
    return x.gamma_lower(a, 1)


def _upper_gamma(a: Ball, x: Ball) -> Ball:
    return x.gamma_upper(a, 1)


def zeta(s: Ball, u: BallOrSeries) -> BallOrSeries:
    """Hurwitz's zeta function of order s > 1, for u > 0; its derivatives by DLMF 25.11.17."""

    def taylor(x: Ball, terms: int) -> list[Ball]:
        factor, coefficients = arb(1), []
        for k in range(terms):
            coefficients.append(factor * monotone((s + k).zeta, x))
            factor *= -(s + k) / (k + 1)
        return coefficients

    return within(lambda z: z, expanded_by(taylor), POLE)(u)
