"""Expressions in certified arithmetic: every Taylor coefficient as a ball that contains it.

The same fold as for floats and tensors, over python-flint's truncated power series with ball
coefficients (`arb_series`): with ``x + t`` as the variable, coefficient k of the result is the
k-th derivative at x over k!, within a rigorous radius. Constants are exact as written: 0.05 is
1/20. Functions are set up so that coefficients keep their *relative* accuracy where the function
decays (tanh' is 1/cosh**2, not 1 - tanh**2), so few points need more than the first precision.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from operator import methodcaller
from typing import Any

from flint import arb, arb_series, ctx, fmpq

from autodiff_pipeline.expressions.grammar import Arithmetic, Expression, as_function
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS

Ball = Any  # flint.arb, which has no type information
BallOrSeries = Any  # flint.arb (a constant) or flint.arb_series
Function = Callable[[BallOrSeries], BallOrSeries]

_FACTORIALS = [math.factorial(k) for k in range(40)]


def derivative_balls(
    expression: Expression, points: Iterable[float | Fraction | Ball], order: int, precision: int
) -> list[list[Ball]]:
    """For every point x, balls that contain the derivatives of orders 0 to ``order`` at exactly x.

    A point may be a ball: then they contain the derivatives at all of its numbers.
    ``precision`` is the working precision in bits. Where the expression has no such derivative,
    or where this precision cannot tell, the ball is not finite.
    """
    with _context(precision, order + 1):
        arithmetic = BALLS._replace(names={"pi": arb.pi(), "e": arb.const_e()})
        series = as_function(expression, arithmetic)
        return [_at(series, x, order) for x in points]


def _at(function: Function, x: float | Fraction | Ball, order: int) -> list[Ball]:
    start = x if isinstance(x, float | arb) else BALLS.constant(x)
    value = function(arb_series([start, 1]))
    series = value if isinstance(value, arb_series) else arb_series([value])
    balls = [series[k] * _FACTORIALS[k] for k in range(order + 1)]
    if balls[-1].is_finite() and all(ball.is_finite() for ball in balls):
        return balls
    finite = next(k for k, ball in enumerate(balls) if not ball.is_finite())
    return balls[:finite] + [arb.nan()] * (order + 1 - finite)  # no f'' where there is no f'


@contextmanager
def _context(precision: int, terms: int) -> Iterator[None]:
    """python-flint's working precision and series length, which it keeps globally."""
    previous = ctx.prec, ctx.cap
    ctx.prec, ctx.cap = precision, terms
    try:
        yield
    finally:
        ctx.prec, ctx.cap = previous


def _start(u: BallOrSeries) -> Ball:
    return u[0] if isinstance(u, arb_series) else u


def _integrated(value: Function, slope: Function) -> Function:
    """The series of f from f for balls and f' for series: f(u) = f(u0) + integral of f'(u) u'."""

    def function(u: BallOrSeries) -> BallOrSeries:
        if not isinstance(u, arb_series):
            return value(u)
        return (slope(u) * u.derivative()).integral() + value(u[0])

    return function


def _periodic(*derivatives: Function) -> Function:
    """A function whose derivatives repeat (sinh, cosh, ...): its Taylor series at u - u0."""

    def function(u: BallOrSeries) -> BallOrSeries:
        if not isinstance(u, arb_series):
            return derivatives[0](u)
        if not u.coeffs():  # exactly 0, with which python-flint composes nothing
            return arb_series([derivatives[0](arb(0))])
        values = [derivative(u[0]) for derivative in derivatives]
        taylor = [values[k % len(values)] / math.factorial(k) for k in range(ctx.cap)]
        return arb_series(taylor)(arb_series([0, *u.coeffs()[1:]]))

    return function


def _by_sign(negative: Function, positive: Function) -> Function:
    """A function with a kink at 0: not finite where the ball does not decide the side."""

    def function(u: BallOrSeries) -> BallOrSeries:
        start = _start(u)
        if start > 0:
            return positive(u)
        return negative(u) if start < 0 else u * arb.nan()

    return function


def _divide(a: BallOrSeries, b: BallOrSeries) -> BallOrSeries:
    return a * b * arb.nan() if _start(b).contains(0) else a / b


def _power(base: BallOrSeries, exponent: BallOrSeries) -> BallOrSeries:
    if isinstance(exponent, arb) and exponent.is_exact() and (2 * exponent).is_integer():
        whole = exponent.is_integer()
        root = base if whole else base.sqrt()
        n: Any = (exponent if whole else 2 * exponent).unique_fmpz()
        return root**n if n >= 0 else _divide(arb(1), root**-n)
    return (exponent * base.log()).exp()


# A method of this name is what python-flint has, both for balls and for series.
_exp = methodcaller("exp")
_sinh = _periodic(methodcaller("sinh"), methodcaller("cosh"))
_cosh = _periodic(methodcaller("cosh"), methodcaller("sinh"))
_sigmoid = _integrated(
    lambda u: 1 / (1 + (-u).exp()), lambda u: _divide(arb(1), 4 * _cosh(u / 2) ** 2)
)
_normal_probability = _integrated(
    lambda u: (-u / arb(2).sqrt()).erfc() / 2,
    lambda u: (-u * u / 2).exp() / (2 * arb.pi()).sqrt(),
)
_identity: Function = lambda u: u  # noqa: E731
_zero: Function = lambda u: u * 0  # noqa: E731
_one: Function = lambda u: u * 0 + 1  # noqa: E731

BALLS = Arithmetic(
    constant=lambda value: arb(fmpq(value.numerator, value.denominator)),
    names={},  # pi and e depend on the precision: see derivative_balls
    operations={
        **ARITHMETIC_OPERATORS,
        "divide": _divide,
        "power": _power,
        **{
            name: methodcaller(name)
            for name in "acos asin atan cos erf erfc exp log sin sqrt tan".split()
        },
        "abs": _by_sign(lambda u: -u, _identity),
        "acosh": _integrated(
            methodcaller("acosh"), lambda u: _divide(arb(1), ((u - 1) * (u + 1)).sqrt())
        ),
        "asinh": _integrated(methodcaller("asinh"), lambda u: _divide(arb(1), (1 + u * u).sqrt())),
        "atanh": _integrated(methodcaller("atanh"), lambda u: _divide(arb(1), (1 - u) * (1 + u))),
        "cosh": _cosh,
        "expm1": _integrated(methodcaller("expm1"), _exp),
        "gelu": lambda u: u * _normal_probability(u),
        "log1p": _integrated(methodcaller("log1p"), lambda u: _divide(arb(1), 1 + u)),
        "relu": _by_sign(_zero, _identity),
        "sigmoid": _sigmoid,
        "sign": _by_sign(lambda u: u * 0 - 1, _one),
        "silu": lambda u: u * _sigmoid(u),
        "sinh": _sinh,
        "softplus": _integrated(lambda u: u.max(arb(0)) + (-abs(u)).exp().log1p(), _sigmoid),
        "step": _by_sign(_zero, _one),
        "tanh": _integrated(methodcaller("tanh"), lambda u: _divide(arb(1), _cosh(u) ** 2)),
    },
)
