"""Special functions in certified arithmetic, with the accuracy of every Taylor coefficient kept.

python-flint has most of these for balls, few for series. Coefficients come from formulas whose
terms do not cancel: where the function decays, so do they. The equations are those of the Digital
Library of Mathematical Functions (DLMF), dlmf.nist.gov.
"""

from functools import partial
from math import comb, factorial
from operator import methodcaller

from flint import arb, ctx

from autodiff_pipeline.expressions.function_series import (
    each_monotone,
    expanded_by,
    integrated,
    solved,
)
from autodiff_pipeline.expressions.piecewise_functions import absolute
from autodiff_pipeline.expressions.power_series import (
    POLE,
    Ball,
    BallOrSeries,
    Function,
    divide,
    start,
    within,
    working_precision,
)

_HALF = arb(0.5)


def _density(u: BallOrSeries) -> BallOrSeries:
    """Of the normal distribution."""
    return (-u * u / 2).exp() / (2 * arb.pi()).sqrt()


ndtr = integrated(lambda u: (-u / arb(2).sqrt()).erfc() / 2, _density)


def _erfcx_taylor(x: Ball, terms: int) -> list[Ball]:
    """DLMF 7.18.4 and 7.18.10; on the left and near 0 the recurrence, 7.10.3.

    Right of 0 the coefficients, but for their alternating signs, fall monotonically.
    """
    if not x > _HALF:
        return _erfcx_by_recurrence(x, terms)
    return each_monotone(partial(_erfcx_on_the_right, terms=terms), x)


def _erfcx_on_the_right(x: Ball, terms: int) -> list[Ball]:
    if x < 32:  # the recurrence cancels about 2 log2(2 x) bits a term
        precision = ctx.prec
        with working_precision(precision + 12 * terms + 64):
            return _erfcx_by_recurrence(x, terms)
    root = arb.pi().sqrt()
    return [(-1) ** k * (x * x).hypgeom_u(arb(k + 1) / 2, _HALF) / root for k in range(terms)]


def _erfcx_by_recurrence(x: Ball, terms: int) -> list[Ball]:
    coefficients = [(x * x).exp() * x.erfc()]
    coefficients.append(2 * x * coefficients[0] - 2 / arb.pi().sqrt())
    for k in range(1, terms - 1):
        coefficients.append(2 * (x * coefficients[k] + coefficients[k - 1]) / (k + 1))
    return coefficients[:terms]


erfcx = expanded_by(_erfcx_taylor)


def _log_ndtr_value(x: Ball) -> Ball:
    if x > 0:
        return (-(x / arb(2).sqrt()).erfc() / 2).log1p()
    return (erfcx(-x / arb(2).sqrt()) / 2).log() - x * x / 2


def _log_ndtr_slope(u: BallOrSeries) -> BallOrSeries:
    if start(u) > 0:
        return divide(_density(u), ndtr(u))
    return divide((2 / arb.pi()).sqrt(), erfcx(-u / arb(2).sqrt()))


log_ndtr = integrated(_log_ndtr_value, _log_ndtr_slope)


def _ndtri_value(p: Ball) -> Ball:
    if abs(2 * p - 1) < _HALF:
        return arb(2).sqrt() * (2 * p - 1).erfinv()
    if p > _HALF:
        return arb(2).sqrt() * (2 * (1 - p)).erfcinv()
    return -arb(2).sqrt() * (2 * p).erfcinv()


erfinv = within(
    lambda u: (1 - u) * (1 + u),
    solved(methodcaller("erfinv"), lambda y: (y * y).exp() * arb.pi().sqrt() / 2),
    POLE,
)
ndtri = within(
    lambda u: u * (1 - u),
    solved(_ndtri_value, lambda y: (y * y / 2).exp() * (2 * arb.pi()).sqrt()),
    POLE,
)


def _bessel(order: int) -> Function:
    """The modified Bessel function I of the first kind, by DLMF 10.29.5: all terms positive."""

    def taylor(x: Ball, terms: int) -> list[Ball]:
        values = _bessel_values(x, order + terms)
        return [
            sum((comb(k, j) * values[abs(order - k + 2 * j)] for j in range(k + 1)), arb(0))
            / (2**k * factorial(k))
            for k in range(terms)
        ]

    return expanded_by(taylor)


def _bessel_values(x: Ball, count: int) -> list[Ball]:
    """The functions of the orders 0 to count - 1."""
    if x > 0 or x < 0:
        return each_monotone(partial(_bessel_downwards, count=count), x)
    return [x.bessel_i(arb(n)) for n in range(count)]


def _bessel_downwards(x: Ball, count: int) -> list[Ball]:
    """By DLMF 10.29.1, whose terms have the same sign, from the two highest orders."""
    values = [x.bessel_i(arb(count)), x.bessel_i(arb(count - 1))]
    for n in range(count - 1, 0, -1):
        values.append(values[-2] + 2 * n / x * values[-1])
    return values[:0:-1]


def _kummer(a: Ball, b: int) -> Function:
    """1F1(a; b; -2x) for x >= 0, whose derivatives are such functions again (DLMF 13.3.16)."""

    def taylor(x: Ball, terms: int) -> list[Ball]:
        factor, coefficients = arb(1), []
        for k, value in enumerate(each_monotone(partial(_kummer_downwards, a, b, terms), x)):
            coefficients.append(factor * value)
            factor *= -2 * (a + k) / ((b + k) * (k + 1))
        return coefficients

    return expanded_by(taylor)


def _kummer_downwards(a: Ball, b: int, count: int, x: Ball) -> list[Ball]:
    """1F1(a + k; b + k; -2x) for k = 0 to count - 1, by Kummer's equation, DLMF 13.2.1."""
    with working_precision(ctx.prec + 2 * count):  # a step cancels a bit or two
        values = [(-2 * x).hypgeom_1f1(a + k, arb(b + k)) for k in (count, count - 1)]
        for k in range(count - 2, -1, -1):
            small = 2 * x * (a + k + 1) / (b + k + 1) * values[-2]
            values.append(((b + k + 2 * x) * values[-1] - small) / (b + k))
    return values[:0:-1]


_scaled_i0 = _kummer(_HALF, 1)  # exp(-x) I0(x): DLMF 10.39.5
_scaled_i1 = _kummer(arb(1.5), 3)  # exp(-x) I1(x) 2/x
i0, i1 = _bessel(0), _bessel(1)


def i0e(u: BallOrSeries) -> BallOrSeries:
    """exp(-abs(u)) I0(u)."""
    return _scaled_i0(absolute(u))


def i1e(u: BallOrSeries) -> BallOrSeries:
    """exp(-abs(u)) I1(u)."""
    return u / 2 * _scaled_i1(absolute(u))


def _sinc_taylor(w: Ball, terms: int) -> list[Ball]:
    """0F1(3/2; -pi**2 w/4), which is sinc of the root of w (DLMF 10.16.9 and 10.16.1)."""
    factor, coefficients = arb(1), []
    for k in range(terms):
        value = (-(arb.pi() ** 2) * w / 4).hypgeom_0f1(arb(1.5) + k)
        coefficients.append(factor * value)
        factor *= -(arb.pi() ** 2) / 4 / ((arb(1.5) + k) * (k + 1))
    return coefficients


_sinc_of_root = expanded_by(_sinc_taylor)


def sinc(u: BallOrSeries) -> BallOrSeries:
    """sin(pi u)/(pi u), continued to 0."""
    if abs(start(u)) < 1:
        return _sinc_of_root(u * u)
    return divide(u.sin_pi(), arb.pi() * u)
