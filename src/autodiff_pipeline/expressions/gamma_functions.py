"""The gamma function and its kin in certified arithmetic; equations as in `special_functions`."""

from functools import lru_cache, partial
from math import factorial

from flint import arb, arb_poly, arb_series, ctx

from autodiff_pipeline.expressions.function_series import (
    each_monotone,
    expanded_by,
    integrated,
    monotone,
)
from autodiff_pipeline.expressions.power_series import (
    KINK,
    POLE,
    UNDECIDED,
    Ball,
    BallOrSeries,
    Function,
    Undefined,
    start,
    within,
)

_CLOSE_TO_POLE = 2.0**-16


def lgamma(u: BallOrSeries) -> BallOrSeries:
    """The logarithm of the absolute value of the gamma function, left of 0 by reflection.

    Close to 0 its series is that of gamma(1 + u) less a logarithm, which costs far less.
    """
    first = start(u)
    if isinstance(u, arb_series) and abs(first) < _CLOSE_TO_POLE and first != 0:
        return _lgamma_beyond_pole(u) - (u if first > 0 else -u).log()
    if first > 0:
        return u.lgamma() if first.is_exact() else _lgamma_over(u)
    sine = u.sin_pi()
    if start(sine).is_zero():
        raise Undefined(POLE)
    if not first < 0 or not start(sine) != 0:
        raise Undefined(UNDECIDED)
    return arb.pi().log() - (sine if start(sine) > 0 else -sine).log() - (1 - u).lgamma()


def _taylor_over(x: Ball, terms: int) -> list[Ball]:
    """Taylor's coefficients of lgamma over a wide ball right of 0.

    All but the first are monotone, DLMF 5.15.1, so that they are known from its ends.
    """
    _, *others = each_monotone(lambda end: arb_series([end, 1], terms).lgamma().coeffs(), x)
    return [x.lgamma(), *others]


def _taylor_beyond_pole(x: Ball, terms: int) -> list[Ball]:
    """Taylor's coefficients of lgamma(1 + x) for tiny x, from those at 0: DLMF 5.7.3.

    These are below 1. What K of them leave out of coefficient j is at most the sum over k >= K of
    comb(k, j) * abs(x)**(k - j), whose terms fall at least by half from one to the next.
    """
    size = abs(x).upper()
    mantissa, exponent = (int(part) for part in size.man_exp())
    bits = -exponent - mantissa.bit_length()  # abs(x) < 2**-bits
    more = (ctx.prec + terms) // (bits - 1) + 1
    polynomial = arb_poly([_coefficient(k, ctx.prec) for k in range(terms + more)])
    rest = arb(0, size ** (more + 1) * 2 ** (terms + more + 1))
    return [each + rest for each in polynomial(arb_poly([x, 1])).coeffs()[:terms]]


@lru_cache(maxsize=4096)
def _coefficient(k: int, precision: int) -> Ball:
    """Of t**k in lgamma(1 + t), in this precision, the working precision."""
    del precision  # the constants depend on it
    if k < 2:
        return -arb.const_euler() if k else arb(0)
    return (-1) ** k * arb(k).zeta() / k


_lgamma_over = expanded_by(_taylor_over)
_lgamma_beyond_pole = expanded_by(_taylor_beyond_pole)


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
