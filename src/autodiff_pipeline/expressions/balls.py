"""Expressions in certified arithmetic: every Taylor coefficient as a ball that contains it.

The same fold as for floats and tensors, over python-flint's truncated power series with ball
coefficients (`arb_series`): with ``x + t`` as the variable, coefficient k of the result is the
k-th derivative at x over k!, within a rigorous radius. Constants are exact as written: 0.05 is
1/20. Functions are set up so that coefficients keep their *relative* accuracy where the function
decays (tanh' is 1/cosh**2, not 1 - tanh**2), so few points need more than the first precision.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache, partial
from math import factorial
from operator import methodcaller
from typing import Any

from flint import arb, arb_series, fmpq

from autodiff_pipeline.expressions import gamma_functions, special_functions
from autodiff_pipeline.expressions.constants import Polynomial, finding_constants
from autodiff_pipeline.expressions.grammar import Arithmetic, Expression, as_function
from autodiff_pipeline.expressions.power_series import (
    KINK,
    POLE,
    UNDECIDED,
    Ball,
    BallOrSeries,
    Function,
    Piece,
    Undefined,
    by_sign,
    divide,
    edge,
    integrated,
    periodic,
    piecewise,
    square_root,
    start,
    with_terms,
    within,
    working_precision,
)
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS
from autodiff_pipeline.expressions.special_functions import monotone

Point = float | Fraction | Ball

_FACTORIALS = [arb(factorial(k)) for k in range(40)]
_ONE = arb(1)
_LARGEST_DOUBLE = arb(2) ** 1024


def derivative_balls(
    expression: Expression, points: Iterable[Point], order: int, precision: int
) -> list[list[Ball]]:
    """For every point x, balls that contain the derivatives of orders 0 to ``order`` at exactly x.

    A point may be a ball; then the derivatives at each of its points are contained. ``precision``
    is the working precision in bits. Removable singularities are removed: sin(x)/x is 1 at 0.
    Where the expression is not analytic, or where this precision cannot tell, no ball is finite.
    """
    with working_precision(precision):
        function, constant = _compiled(expression, precision)
        return [_at(function, constant, x, order) for x in points]


def taylor_balls(
    expression: Expression, x: Point, step: Ball, terms: int, precision: int
) -> list[Ball]:
    """The first Taylor coefficients at x of the expression in (its variable - x) / step.

    They are the derivatives times step**k / k!; otherwise as `derivative_balls`.
    """
    with working_precision(precision):
        return _at(*_compiled(expression, precision), x, terms - 1, step, [_ONE] * terms)


def why_undefined(expression: Expression, x: Point, precision: int) -> str:
    """The reason why there are no derivatives at x: POLE, KINK, JUMP, ...; empty if there are.

    The reason may be one of a part of the expression: that of x*abs(x) at 0 is a kink. It is
    UNDECIDED where this precision cannot tell.
    """
    with working_precision(precision):
        function = as_function(expression, arithmetic())
        try:
            balls = _balls(function, x, 0, _ONE, _FACTORIALS)
        except Undefined as undefined:
            return str(undefined)
    return "" if balls[0].is_finite() else UNDECIDED


def arithmetic() -> Arithmetic:
    """BALLS with the named constants, which depend on the working precision."""
    return BALLS._replace(names={"pi": arb.pi(), "e": arb.const_e()})


@lru_cache(maxsize=64)
def _compiled(expression: Expression, precision: int) -> tuple[Function, Function]:
    """The expression, and a form with constants, in this precision, the working precision."""
    del precision  # pi and e depend on it
    return as_function(expression, arithmetic()), _with_constants(expression)


def _with_constants(expression: Expression) -> Function:
    """Like the expression, slower, but also defined where a part is constant: see `constants`."""
    return lambda u: (
        as_function(expression, finding_constants(arithmetic()))(Polynomial(u, 1)).value
    )


def _at(
    function: Function,
    constant: Function,
    x: Point,
    order: int,
    step: Ball = _ONE,
    factors: Sequence[Ball] = _FACTORIALS,
) -> list[Ball]:
    try:
        balls = _balls(function, x, order, step, factors)
    except Undefined as undefined:
        try:
            if str(undefined) != UNDECIDED:
                raise
            balls = _balls(constant, x, order, step, factors)
        except Undefined:
            return [arb.nan()] * (order + 1)
    finite = [ball.is_finite() for ball in balls]
    if False not in finite:
        return balls
    known = finite.index(False)
    return balls[:known] + [arb.nan()] * (order + 1 - known)  # no f'' where there is no f'


def _balls(
    function: Function, x: Point, order: int, step: Ball, factors: Sequence[Ball]
) -> list[Ball]:
    first = BALLS.constant(x) if isinstance(x, Fraction) else x
    series = with_terms(lambda: function(arb_series([first, step])), order + 1)
    return [series[k] * factors[k] for k in range(order + 1)]


def _power(base: BallOrSeries, exponent: BallOrSeries) -> BallOrSeries:
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


def _tangent(u: BallOrSeries) -> BallOrSeries:
    value = u.tan()
    if start(value).is_finite():
        return value
    raise Undefined(UNDECIDED)


# A method of this name is what python-flint has, both for balls and for series.
_exp = methodcaller("exp")
_sinh = periodic(methodcaller("sinh"), methodcaller("cosh"))
_cosh = periodic(methodcaller("cosh"), methodcaller("sinh"))


def _squared_sech(u: BallOrSeries) -> BallOrSeries:
    """1/cosh(u)**2; away from 0 in powers of exp(-2 abs(u)), which wide balls hardly widen."""
    first = start(u)
    if abs(first) < 1:
        return divide(_ONE, _cosh(u) ** 2)
    small = (-2 * u if first > 0 else 2 * u).exp()
    return 4 * divide(small, (1 + small) ** 2)


def _logistic(u: Ball) -> Ball:
    """1/(1 + exp(-u)), for exact u in a form that does not overflow."""
    decay = (-abs(u)).exp()
    return (decay if u < 0 else 1) / (1 + decay)


_sigmoid = integrated(partial(monotone, _logistic), lambda u: _squared_sech(u / 2) / 4)
_identity: Function = lambda u: u  # noqa: E731
_zero: Function = lambda u: u * 0  # noqa: E731
_one: Function = lambda u: u * 0 + 1  # noqa: E731
_inside_one: Function = lambda u: (1 - u) * (1 + u)  # noqa: E731
# python-flint's own series asin asks for endless memory, for example at t**11 in 4096 bits
_asin = integrated(methodcaller("asin"), lambda u: divide(_ONE, square_root(_inside_one(u))))
_acos = integrated(methodcaller("acos"), lambda u: -divide(_ONE, square_root(_inside_one(u))))
_acosh = integrated(methodcaller("acosh"), lambda u: divide(_ONE, square_root((u - 1) * (u + 1))))
_atanh = integrated(methodcaller("atanh"), lambda u: divide(_ONE, _inside_one(u)))
_softplus = integrated(lambda u: u.max(arb(0)) + (-abs(u)).exp().log1p(), _sigmoid)


def _logaddexp(a: BallOrSeries, b: BallOrSeries) -> BallOrSeries:
    if not isinstance(b, arb) and (isinstance(a, arb) or start(a) > start(b)):
        a, b = b, a  # start from a constant, or else from the larger, so that no digit is lost
    return b + _softplus(a - b)


def _where(a: BallOrSeries, b: BallOrSeries, then: Piece, otherwise: Piece) -> BallOrSeries:
    return piecewise(b - a, below=otherwise, at_zero=otherwise, above=then)


BALLS = Arithmetic(
    constant=lambda value: arb(fmpq(value.numerator, value.denominator)),
    names={},  # pi and e depend on the precision: see arithmetic
    operations={
        **ARITHMETIC_OPERATORS,
        "divide": divide,
        "power": _power,
        **{name: methodcaller(name) for name in "atan cos erf erfc exp sin".split()},
        "abs": by_sign(lambda u: -u, _identity),
        "acos": within(_inside_one, _acos, KINK),
        "acosh": within(lambda u: u - 1, _acosh, KINK),
        "asin": within(_inside_one, _asin, KINK),
        "asinh": integrated(methodcaller("asinh"), lambda u: divide(_ONE, square_root(1 + u * u))),
        "atan2": special_functions.atan2,
        "atanh": within(_inside_one, _atanh, POLE),
        "ceil": special_functions.ceil,
        "cosh": _cosh,
        "erfcx": special_functions.erfcx,
        "erfinv": special_functions.erfinv,
        "expm1": integrated(methodcaller("expm1"), _exp),
        "floor": special_functions.floor,
        "gammainc": gamma_functions.gammainc,
        "gammaincc": gamma_functions.gammaincc,
        "i0": special_functions.i0,
        "i0e": special_functions.i0e,
        "i1": special_functions.i1,
        "i1e": special_functions.i1e,
        "lgamma": gamma_functions.lgamma,
        "log": within(_identity, methodcaller("log"), POLE),
        "log1p": special_functions.log1p,
        "log_ndtr": special_functions.log_ndtr,
        "logaddexp": _logaddexp,
        "ndtr": special_functions.ndtr,
        "ndtri": special_functions.ndtri,
        "polygamma": gamma_functions.polygamma,
        "relu": by_sign(_zero, _identity),
        "round": special_functions.round_to_even,
        "sigmoid": _sigmoid,
        "sign": by_sign(lambda u: u * 0 - 1, _one),
        "sinc": special_functions.sinc,
        "sinh": _sinh,
        "sqrt": square_root,
        "step": by_sign(_zero, _one),
        "tan": _tangent,
        "tanh": integrated(methodcaller("tanh"), _squared_sech),
        "trunc": special_functions.trunc,
        "where": _where,
        "xlog1py": special_functions.xlog1py,
        "xlogy": special_functions.xlogy,
        "zeta": gamma_functions.zeta,
    },
)
