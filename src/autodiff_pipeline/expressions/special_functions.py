"""Special functions in certified arithmetic, with the accuracy of every Taylor coefficient kept.

python-flint has most of these for balls, few for series. Coefficients come from formulas whose
terms do not cancel: where the function decays, so do they. The equations are those of the Digital
Library of Mathematical Functions (DLMF), dlmf.nist.gov.
"""

from collections.abc import Callable
from functools import partial
from math import comb, factorial
from operator import methodcaller

from flint import arb, ctx

from autodiff_pipeline.expressions.power_series import (
    POLE,
    UNDECIDED,
    Ball,
    BallOrSeries,
    Function,
    Undefined,
    by_sign,
    divide,
    expanded_by,
    integrated,
    piecewise,
    solved,
    start,
    within,
    working_precision,
)

_ONE = arb(1)
_HALF = arb(0.5)
_LARGEST_DOUBLE = arb(2) ** 1024


def monotone(function: Callable[[Ball], Ball], x: Ball) -> Ball:
    """A monotone function over a ball, from its ends: the series that compute it widen balls."""
    return function(x) if x.is_exact() else function(x.lower()).union(function(x.upper()))


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
    if x.is_exact():
        return _erfcx_on_the_right(x, terms)
    ends = (_erfcx_on_the_right(end, terms) for end in (x.lower(), x.upper()))
    return [low.union(high) for low, high in zip(*ends, strict=True)]


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
        values = [_bessel_i(n, x) for n in range(order + terms)]
        return [
            sum((comb(k, j) * values[abs(order - k + 2 * j)] for j in range(k + 1)), arb(0))
            / (2**k * factorial(k))
            for k in range(terms)
        ]

    return expanded_by(taylor)


def _bessel_i(n: int, x: Ball) -> Ball:
    if x > 0 or x < 0 or x.is_exact():
        return monotone(lambda z: z.bessel_i(arb(n)), x)
    return x.bessel_i(arb(n))


def _falling(a: Ball, b: int, x: Ball) -> Ball:
    return (-2 * x).hypgeom_1f1(a, arb(b))


def _kummer(a: Ball, b: int) -> Function:
    """1F1(a; b; -2x), whose derivatives are such functions again (DLMF 13.3.16)."""

    def taylor(x: Ball, terms: int) -> list[Ball]:
        factor, coefficients = arb(1), []
        for k in range(terms):
            coefficients.append(factor * monotone(partial(_falling, a + k, b + k), x))
            factor *= -2 * (a + k) / ((b + k) * (k + 1))
        return coefficients

    return expanded_by(taylor)


_absolute = by_sign(lambda u: -u, lambda u: u)
_scaled_i0 = _kummer(_HALF, 1)  # exp(-x) I0(x): DLMF 10.39.5
_scaled_i1 = _kummer(arb(1.5), 3)  # exp(-x) I1(x) 2/x
i0, i1 = _bessel(0), _bessel(1)


def i0e(u: BallOrSeries) -> BallOrSeries:
    """exp(-abs(u)) I0(u)."""
    return _scaled_i0(_absolute(u))


def i1e(u: BallOrSeries) -> BallOrSeries:
    """exp(-abs(u)) I1(u)."""
    return u / 2 * _scaled_i1(_absolute(u))


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


_log = within(lambda u: u, methodcaller("log"), POLE)
log1p = within(
    lambda u: 1 + u,
    integrated(methodcaller("log1p"), lambda u: divide(_ONE, 1 + u)),
    POLE,
)


def xlogy(u: BallOrSeries, v: BallOrSeries) -> BallOrSeries:
    """The product u log(v); a constant 0 of u makes it 0, whatever v is."""
    return arb(0) if _is_constant_zero(u) else u * _log(v)


def xlog1py(u: BallOrSeries, v: BallOrSeries) -> BallOrSeries:
    """The product u log(1 + v); a constant 0 of u makes it 0, whatever v is."""
    return arb(0) if _is_constant_zero(u) else u * log1p(v)


def _is_constant_zero(u: BallOrSeries) -> bool:
    return isinstance(u, arb) and u.is_zero()


def atan2(y: BallOrSeries, x: BallOrSeries) -> BallOrSeries:
    """The angle of the point (x, y), from -pi to pi; on the negative x axis pi."""
    if abs(start(y)) > abs(start(x)) or start(x).contains(0):
        if start(y) > 0:
            return arb.pi() / 2 - (x / y).atan()
        if start(y) < 0:
            return -arb.pi() / 2 - (x / y).atan()
    if start(x) > 0:
        return (y / x).atan()
    if start(x) < 0:
        angle, pi = (y / x).atan(), arb.pi()
        return piecewise(y, lambda: angle - pi, lambda: angle + pi, lambda: angle + pi)
    if _is_constant_zero(y) and _is_constant_zero(x):
        return arb(0)
    raise Undefined(UNDECIDED)


def floor(u: BallOrSeries) -> BallOrSeries:
    """The largest integer that is at most the value."""
    return _step(u, lambda n: n)


def ceil(u: BallOrSeries) -> BallOrSeries:
    """The smallest integer that is at least the value."""
    return -floor(-u)


def round_to_even(u: BallOrSeries) -> BallOrSeries:
    """The nearest integer; of two that are equally near, the even one."""
    return _step(u + _HALF, lambda n: n - n % 2)


def trunc(u: BallOrSeries) -> BallOrSeries:
    """The integer part, towards 0."""
    first = start(u)
    if abs(first) < 1:
        return arb(0)
    if first > 0:
        return floor(u)
    if first < 0:
        return ceil(u)
    raise Undefined(UNDECIDED)


def _step(u: BallOrSeries, at_integer: Function) -> BallOrSeries:
    """The integer n between n and n + 1; ``at_integer`` of n at n itself."""
    first = start(u)
    n = first.floor().unique_fmpz() if abs(first) < _LARGEST_DOUBLE else None
    if n is None:  # larger integers have too many digits for memory
        raise Undefined(UNDECIDED)
    return piecewise(u - arb(n), lambda: arb(n - 1), lambda: arb(at_integer(n)), lambda: arb(n))
