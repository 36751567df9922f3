"""Elementary functions in certified arithmetic, where python-flint's own methods do not suffice.

Derivatives keep their relative accuracy where the function decays, and domains their ends.
"""

from functools import partial
from operator import methodcaller
from typing import Any

from flint import arb

from autodiff_pipeline.expressions.function_series import integrated, monotone, periodic
from autodiff_pipeline.expressions.power_series import (
    KINK,
    POLE,
    UNDECIDED,
    Ball,
    BallOrSeries,
    Function,
    Undefined,
    divide,
    edge,
    piecewise,
    square_root,
    start,
    within,
)

_ONE = arb(1)
_LARGEST_DOUBLE = arb(2) ** 1024


def power(base: BallOrSeries, exponent: BallOrSeries) -> BallOrSeries:
    """The power; of a base that is not positive only with whole and half exponents."""
    if isinstance(exponent, arb) and _is_half_integer(exponent):
        whole = exponent.is_integer()
        root = base if whole else square_root(base)
        n: Any = (exponent if whole else 2 * exponent).unique_fmpz()
        return root**n if n >= 0 else divide(_ONE, root**-n)
    if start(base) > 0:
        return (exponent * base.log()).exp()
    if isinstance(base, arb) and base.is_zero() and start(exponent) > 0:
        return arb(0)
    raise Undefined(edge(base, POLE if start(exponent) < 0 else KINK))


def _is_half_integer(exponent: Ball) -> bool:
    """And no larger than a double can be, so that its digits fit in memory."""
    return bool(
        exponent.is_exact() and (2 * exponent).is_integer() and abs(exponent) < _LARGEST_DOUBLE
    )


def tan(u: BallOrSeries) -> BallOrSeries:
    """The tangent, where the precision tells that there is no pole."""
    value = u.tan()
    if start(value).is_finite():
        return value
    raise Undefined(UNDECIDED)


sinh = periodic(methodcaller("sinh"), methodcaller("cosh"))
cosh = periodic(methodcaller("cosh"), methodcaller("sinh"))


def _squared_sech(u: BallOrSeries) -> BallOrSeries:
    """1/cosh(u)**2; away from 0 in powers of exp(-2 abs(u)), which wide balls hardly widen."""
    first = start(u)
    if abs(first) < 1:
        return divide(_ONE, cosh(u) ** 2)
    small = (-2 * u if first > 0 else 2 * u).exp()
    return 4 * divide(small, (1 + small) ** 2)


def _logistic(u: Ball) -> Ball:
    """1/(1 + exp(-u)), for exact u in a form that does not overflow."""
    decay = (-abs(u)).exp()
    return (decay if u < 0 else 1) / (1 + decay)


sigmoid = integrated(partial(monotone, _logistic), lambda u: _squared_sech(u / 2) / 4)
_inside_one: Function = lambda u: (1 - u) * (1 + u)  # noqa: E731
# python-flint's own series asin asks for endless memory, for example at t**11 in 4096 bits
_asin = integrated(methodcaller("asin"), lambda u: divide(_ONE, square_root(_inside_one(u))))
_acos = integrated(methodcaller("acos"), lambda u: -divide(_ONE, square_root(_inside_one(u))))
_acosh = integrated(methodcaller("acosh"), lambda u: divide(_ONE, square_root((u - 1) * (u + 1))))
_atanh = integrated(methodcaller("atanh"), lambda u: divide(_ONE, _inside_one(u)))
asin = within(_inside_one, _asin, KINK)
acos = within(_inside_one, _acos, KINK)
acosh = within(lambda u: u - 1, _acosh, KINK)
atanh = within(_inside_one, _atanh, POLE)
asinh = integrated(methodcaller("asinh"), lambda u: divide(_ONE, square_root(1 + u * u)))
tanh = integrated(methodcaller("tanh"), _squared_sech)
expm1 = integrated(methodcaller("expm1"), methodcaller("exp"))
_softplus = integrated(lambda u: u.max(arb(0)) + (-abs(u)).exp().log1p(), sigmoid)


def logaddexp(a: BallOrSeries, b: BallOrSeries) -> BallOrSeries:
    """The logarithm of exp(a) + exp(b)."""
    if not isinstance(b, arb) and (isinstance(a, arb) or start(a) > start(b)):
        a, b = b, a  # start from a constant, or else from the larger, so that no digit is lost
    return b + _softplus(a - b)


log = within(lambda u: u, methodcaller("log"), POLE)
log1p = within(
    lambda u: 1 + u,
    integrated(methodcaller("log1p"), lambda u: divide(_ONE, 1 + u)),
    POLE,
)


def xlogy(u: BallOrSeries, v: BallOrSeries) -> BallOrSeries:
    """The product u log(v); a constant 0 of u makes it 0, whatever v is."""
    return arb(0) if _is_constant_zero(u) else u * log(v)


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


def hypot(u: BallOrSeries, v: BallOrSeries) -> BallOrSeries:
    """The root of u**2 + v**2; where one is constant, slopes that tend to 1 keep their digits."""
    if isinstance(u, arb):
        u, v = v, u
    if isinstance(u, arb) or not isinstance(v, arb) or not abs(v) > 0:
        return square_root(u * u + v * v)

    def value(w: BallOrSeries) -> BallOrSeries:
        return square_root(w * w + v * v)

    slope = integrated(lambda w: w / value(w), lambda w: divide(v * v, value(w) ** 3))
    return integrated(value, slope)(u)
