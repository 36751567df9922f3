"""An independent judge of derivatives: one-sided limits in mpmath, without any calculus.

The function is evaluated as it is written, in numbers of hundreds or thousands of bits, at a few
points closely to the right of x and at as many to the left. The polynomial through the values of
one side gives that side's limits of the derivatives at x. A derivative exists where both sides have
the same limit, and where the value at x itself, unless it is 0/0, is the limit of the values.

What each function means is written here once more, not taken from the grammar's definitions.
"""

from contextlib import suppress
from fractions import Fraction
from functools import cache
from math import factorial, frexp

import sympy
from mpmath import mp, mpf, workprec

from autodiff_pipeline.expressions.grammar import Arithmetic, as_function

# How far away the points are, j*2**-bits, for tiny x nearer; and in how many bits, multiples of
# those and of the exponent of x, because differences and quotients cancel them. One is tried after
# the other until the limits are there: a wrong derivative is at no distance that of both sides.
STEPS = (
    *((60, 6, 2), (60, 10, 5), (60, 25, 8), (240, 8, 5), (960, 8, 5), (240, 50, 8)),
    (3000, 8, 5),
)
MORE_POINTS = 3  # than the order: the limits are right to the third power of the step
LARGEST_VALUE = 8_000  # log2: of a larger one no difference is known to the ulp of a double
LARGEST = 2**1024 - 2**970  # reals from here on round to infinity in float64


class NotReal(Exception):  # noqa: N818 (a value that is not there)
    """The function has no real value there."""


class Uncomputable(Exception):  # noqa: N818 (a value that is not there)
    """The numbers are too large for mpmath."""


def _real(function, largest=2_000):
    """The function where its value is real and finite, of arguments up to 2**largest."""

    def checked(*arguments):
        if any(abs(u) > mpf(2) ** largest for u in arguments):
            raise Uncomputable
        value = function(*arguments)
        if not isinstance(value, mpf) or not mp.isfinite(value):
            raise NotReal
        return value

    return checked


_ANY_SIZE = 10**6
_HALF = mpf(0.5)
_SLOW = 2_500  # bits, beyond which mpmath's inverse and gamma functions take seconds a value


def _slow(function, largest):
    """A real function that takes too long at high precision."""

    def checked(*arguments):
        if mp.prec > _SLOW:
            raise Uncomputable
        return _real(function, largest)(*arguments)

    return checked


def _sign(u):
    return mpf((u > 0) - (u < 0))


def _truncated(u):
    return mp.floor(u) if u > 0 else mp.ceil(u)


def _log_gamma(u):
    if u > 0:
        return mp.loggamma(u)
    return mp.log(abs(mp.pi / mp.sinpi(u))) - mp.loggamma(1 - u)


def _times_log(u, v, log):
    return mpf(0) if u == 0 else u * log(v)


def _exponential_unit(u, alpha=1):
    return u if u > 0 else alpha * mp.expm1(u)


def _normal(u):
    return mp.erfc(-u / mp.sqrt(2)) / 2


def _log_normal(u):
    if u > 0:
        return mp.log1p(-mp.erfc(u / mp.sqrt(2)) / 2)
    return mp.log(_normal(u))


def _inverse_erf(u):
    if not -1 < u < 1:
        raise NotReal
    return mp.erfinv(u)


def _gelu_tanh(u):
    scale = mp.sqrt(2 / mp.pi)
    return u / (1 + mp.exp(-2 * scale * (u + mpf(44715) / 10**6 * u**3)))


def _softplus(u, beta=1, threshold=20):
    return mp.log1p(mp.exp(beta * u)) / beta


def _log_sum(u, v):
    return max(u, v) + mp.log1p(mp.exp(-abs(u - v)))


def _binary_cross_entropy(u, target):
    losses = []
    for share, log in ((target, mp.log), (1 - target, lambda p: mp.log1p(-p))):
        if share:
            value = log(u)
            if not isinstance(value, mpf):
                raise NotReal
            losses.append(share * min(-value, mpf(100)))
    return sum(losses)


def _lower_gamma(a, u):
    if u < 0:
        raise NotReal
    return mp.gammainc(a, 0, u, regularized=True)


def _hurwitz(s, u):
    if u <= 0:
        raise NotReal
    return mp.zeta(s, u)


def _clamp(u, low, high):
    return mpf(min(max(u, low), high))


def _softshrink(u, width=_HALF):
    return u - width if u > width else u + width if u < -width else mpf(0)


def _selu(u):
    scale, alpha = (
        mpf("1.0507009873554804934193349852946"),
        mpf("1.6732632423543772848170429916717"),
    )
    return scale * _exponential_unit(u, alpha)


_MPMATH = {
    "add": _real(lambda a, b: a + b, _ANY_SIZE),
    "subtract": _real(lambda a, b: a - b, _ANY_SIZE),
    "multiply": _real(lambda a, b: a * b, _ANY_SIZE),
    "divide": _real(lambda a, b: a / b, _ANY_SIZE),
    "negative": lambda a: -a,
    "positive": lambda a: a,
    "power": _real(lambda a, b: mp.power(a, b)),
    **{
        name: _real(getattr(mp, name), largest)
        for largest, names in [
            (
                2_000,
                "acos acosh asin asinh atan atan2 atanh cos cosh erf exp expm1 floor ceil hypot",
            ),
            (2_000, "log1p sin sinh tan tanh log10"),
            (16, "erfc"),
            (_ANY_SIZE, "log sqrt"),
        ]
        for name in names.split()
    },
    "abs": abs,
    "bce": _real(_binary_cross_entropy),
    "bce_with_logits": _real(lambda u, t: t * _softplus(-u) + (1 - t) * _softplus(u)),
    "celu": _real(lambda u, alpha=1: u if u > 0 else alpha * mp.expm1(u / alpha)),
    "clamp": _clamp,
    "deg2rad": _real(mp.radians),
    "digamma": _slow(lambda u: mp.psi(0, u), 12),
    "elu": _real(_exponential_unit),
    "entr": _real(lambda u: -_times_log(u, u, mp.log)),
    "erfcx": _real(lambda u: mp.exp(u * u) * mp.erfc(u), 16),
    "erfinv": _slow(_inverse_erf, 2_000),
    "exp2": _real(lambda u: mp.exp(u * mp.log(2))),
    "expit": _real(lambda u: 1 / (1 + mp.exp(-u))),
    "fmod": _real(lambda u, v: u - v * _truncated(u / v)),
    "frac": _real(lambda u: u - _truncated(u)),
    "gammainc": _slow(_lower_gamma, 12),
    "gammaincc": _slow(lambda a, u: 1 - _lower_gamma(a, u), 12),
    "gelu": _real(lambda u: u * _normal(u), 16),
    "gelu_tanh": _real(_gelu_tanh, 600),
    "glu": _real(lambda u, v: u / (1 + mp.exp(-v))),
    "hardshrink": lambda u, width=_HALF: mpf(0) if -width <= u <= width else u,
    "hardsigmoid": lambda u: _clamp(u / 6 + mpf(1) / 2, 0, 1),
    "hardswish": lambda u: u * _clamp(u + 3, 0, 6) / 6,
    "hardtanh": lambda u, low=-1, high=1: _clamp(u, low, high),
    "i0": _slow(lambda u: mp.besseli(0, u), 24),
    "i0e": _slow(lambda u: mp.exp(-abs(u)) * mp.besseli(0, u), 24),
    "i1": _slow(lambda u: mp.besseli(1, u), 24),
    "i1e": _slow(lambda u: mp.exp(-abs(u)) * mp.besseli(1, u), 24),
    "ldexp": _real(lambda u, n: mp.ldexp(u, int(n)), _ANY_SIZE),
    "leaky_relu": lambda u, slope=None: u if u > 0 else u / 100 if slope is None else slope * u,
    "lgamma": _slow(_log_gamma, 12),
    "log2": _real(lambda u: mp.log(u) / mp.log(2)),
    "log_ndtr": _real(_log_normal, 16),
    "log_softmax": _real(lambda u, v: -mp.log1p(mp.exp(v - u))),
    "logaddexp": _real(_log_sum),
    "logaddexp2": _real(lambda u, v: _log_sum(u * mp.log(2), v * mp.log(2)) / mp.log(2)),
    "logit": _real(lambda u: mp.log(u) - mp.log1p(-u)),
    "logsigmoid": _real(lambda u: -_softplus(-u)),
    "logsumexp": _real(_log_sum),
    "max": max,
    "min": min,
    "mish": _real(lambda u: u * mp.tanh(_softplus(u))),
    "ndtr": _real(_normal, 16),
    "ndtri": _slow(lambda p: mp.sqrt(2) * _inverse_erf(2 * p - 1), 2_000),
    "polygamma": _slow(lambda n, u: mp.psi(int(n), u), 12),
    "norm": _real(lambda u, v: mp.sqrt(u * u + v * v), _ANY_SIZE),
    "pow": _real(lambda a, b: mp.power(a, b)),
    "rad2deg": _real(mp.degrees),
    "reciprocal": _real(lambda u: 1 / u, _ANY_SIZE),
    "relu": lambda u: max(u, mpf(0)),
    "relu6": lambda u: _clamp(u, 0, 6),
    "remainder": _real(lambda u, v: u - v * mp.floor(u / v)),
    "round": _real(mp.nint),
    "rsqrt": _real(lambda u: 1 / mp.sqrt(u), _ANY_SIZE),
    "selu": _real(_selu),
    "sigmoid": _real(lambda u: 1 / (1 + mp.exp(-u))),
    "sign": _sign,
    "silu": _real(lambda u: u / (1 + mp.exp(-u))),
    "sinc": _real(lambda u: mp.sinpi(u) / (mp.pi * u) if u else mpf(1)),
    "soft_margin_loss": _real(lambda u, t: mp.log1p(mp.exp(-t * u))),
    "softmax": _real(lambda u, v: 1 / (1 + mp.exp(v - u))),
    "softplus": _real(_softplus),
    "softshrink": _softshrink,
    "softsign": lambda u: u / (1 + abs(u)),
    "square": _real(lambda u: u * u, _ANY_SIZE),
    "step": lambda u: mpf(u > 0),
    "tanhshrink": _real(lambda u: u - mp.tanh(u)),
    "trunc": _real(_truncated),
    "where": lambda a, b, then, otherwise: then() if a < b else otherwise(),
    "xlog1py": _real(lambda u, v: _times_log(u, v, mp.log1p)),
    "xlogy": _real(lambda u, v: _times_log(u, v, mp.log)),
    "zeta": _slow(_hurwitz, 12),
}


def in_mpmath(expression):
    """The expression as a function in mpmath, with constants of the present precision."""
    arithmetic = Arithmetic(
        constant=lambda value: mpf(value.numerator) / value.denominator,
        names={"pi": +mp.pi, "e": +mp.e},
        operations=_MPMATH,
    )
    return as_function(expression, arithmetic)


@cache
def _weights(points, order):
    """Of the values at 1, 2, ..., points in the derivative at 0 of the polynomial through them."""
    powers = sympy.Matrix(points, points, lambda j, k: (j + 1) ** k)
    row = powers.inv().row(order) * factorial(order)
    return [Fraction(int(weight.p), int(weight.q)) for weight in row]


def one_sided_limits(function, x, order, step):
    """The limits at x, from the side of the step, of the function and its derivatives."""
    points = order + MORE_POINTS
    values = [function(x + j * step) for j in range(1, points + 1)]
    return [
        sum(
            value * weight.numerator / weight.denominator
            for value, weight in zip(values, _weights(points, n), strict=True)
        )
        / step**n
        for n in range(order + 1)
    ]


def holds(expression, x, derivatives):
    """Whether the derivatives of orders 1, 2, ... at x are what is certified for float64.

    ``derivatives`` gives (rounded, remainder, ulp_exponent), or None where nothing is certified.
    None where mpmath cannot compute it.
    """
    exponent = frexp(x)[1]
    for bits, times, exponent_times in STEPS:
        precision = times * bits + exponent_times * abs(exponent) + 400
        with workprec(precision):
            step = mpf(2) ** min(-bits, exponent - bits)
            try:
                if _holds(in_mpmath(expression), mpf(x), derivatives, step):
                    return True
            except (Uncomputable, OverflowError, MemoryError):
                return None
            except (NotReal, ZeroDivisionError):
                pass  # a side without values, or a singularity within the step
    return False


def _holds(function, x, derivatives, step):
    order = len(derivatives)
    sides = [one_sided_limits(function, x, order, side * step) for side in (1, -1)]
    with suppress(ZeroDivisionError):  # 0/0: continued from both sides
        sides.append([function(x)])
    size = 1 + max(abs(limits[0]) for limits in sides)
    if size > mpf(2) ** LARGEST_VALUE:
        raise Uncomputable
    continuous = all(abs(limits[0] - sides[0][0]) <= step**2 * size for limits in sides)
    return continuous and all(
        _rounds_to(limits[n], derivatives[n - 1])
        for limits in sides[:2]
        for n in range(1, order + 1)
        if derivatives[n - 1]
    )


def _rounds_to(limit, certified):
    rounded, remainder, ulp_exponent = certified
    if abs(rounded) == mp.inf:
        return rounded * limit > 0 and abs(limit) >= LARGEST
    ulp = mpf(2) ** ulp_exponent
    return abs(limit - rounded - remainder * ulp) <= ulp * mpf(2) ** -18
