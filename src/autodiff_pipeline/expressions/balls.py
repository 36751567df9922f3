"""Expressions in certified arithmetic: every Taylor coefficient as a ball that contains it.

The same fold as for floats and tensors, over python-flint's truncated power series with ball
coefficients (`arb_series`): with ``x + t`` as the variable, coefficient k of the result is the
k-th derivative at x over k!, within a rigorous radius. Constants are exact as written: 0.05 is
1/20. Functions are set up so that coefficients keep their *relative* accuracy where the function
decays (tanh' is 1/cosh**2, not 1 - tanh**2), so few points need more than the first precision.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from math import factorial
from operator import methodcaller

from flint import arb, arb_series, fmpq

from autodiff_pipeline.expressions import (
    elementary_functions,
    gamma_functions,
    piecewise_functions,
    special_functions,
)
from autodiff_pipeline.expressions.constants import Polynomial, finding_constants
from autodiff_pipeline.expressions.grammar import Arithmetic, Expression, as_function
from autodiff_pipeline.expressions.power_series import (
    UNDECIDED,
    Ball,
    Function,
    Undefined,
    divide,
    square_root,
    with_terms,
    working_precision,
)
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS

Point = float | Fraction | Ball

_FACTORIALS = [arb(factorial(k)) for k in range(40)]
_ONE = arb(1)


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


BALLS = Arithmetic(
    constant=lambda value: arb(fmpq(value.numerator, value.denominator)),
    names={},  # pi and e depend on the precision: see arithmetic
    operations={
        **ARITHMETIC_OPERATORS,
        # A method of this name is what python-flint has, both for balls and for series.
        **{name: methodcaller(name) for name in "atan cos erf erfc exp sin".split()},
        "abs": piecewise_functions.absolute,
        "acos": elementary_functions.acos,
        "acosh": elementary_functions.acosh,
        "asin": elementary_functions.asin,
        "asinh": elementary_functions.asinh,
        "atan2": elementary_functions.atan2,
        "atanh": elementary_functions.atanh,
        "ceil": piecewise_functions.ceil,
        "cosh": elementary_functions.cosh,
        "divide": divide,
        "erfcx": special_functions.erfcx,
        "erfinv": special_functions.erfinv,
        "expm1": elementary_functions.expm1,
        "floor": piecewise_functions.floor,
        "gammainc": gamma_functions.gammainc,
        "gammaincc": gamma_functions.gammaincc,
        "hypot": elementary_functions.hypot,
        "i0": special_functions.i0,
        "i0e": special_functions.i0e,
        "i1": special_functions.i1,
        "i1e": special_functions.i1e,
        "lgamma": gamma_functions.lgamma,
        "log": elementary_functions.log,
        "log1p": elementary_functions.log1p,
        "log_ndtr": special_functions.log_ndtr,
        "logaddexp": elementary_functions.logaddexp,
        "ndtr": special_functions.ndtr,
        "ndtri": special_functions.ndtri,
        "polygamma": gamma_functions.polygamma,
        "power": elementary_functions.power,
        "relu": piecewise_functions.relu,
        "round": piecewise_functions.round_to_even,
        "sigmoid": elementary_functions.sigmoid,
        "sign": piecewise_functions.sign,
        "sinc": special_functions.sinc,
        "sinh": elementary_functions.sinh,
        "sqrt": square_root,
        "step": piecewise_functions.step,
        "tan": elementary_functions.tan,
        "tanh": elementary_functions.tanh,
        "trunc": piecewise_functions.trunc,
        "where": piecewise_functions.where,
        "xlog1py": elementary_functions.xlog1py,
        "xlogy": elementary_functions.xlogy,
        "zeta": gamma_functions.zeta,
    },
)
