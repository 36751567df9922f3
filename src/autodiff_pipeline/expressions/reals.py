"""Expressions in Python floats: light enough to check a configuration without importing torch."""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flint import arb

from autodiff_pipeline.expressions import (
    elementary_functions,
    gamma_functions,
    special_functions,
)
from autodiff_pipeline.expressions.grammar import Arithmetic, Expression, as_function
from autodiff_pipeline.expressions.power_series import Undefined, working_precision


def _sigmoid(x: float) -> float:
    decay = math.exp(-abs(x))
    return (1.0 if x >= 0 else decay) / (1.0 + decay)


def _power(base: float, exponent: float) -> float:
    return math.pow(base, exponent)  # raises where ** would return a complex number


def _logaddexp(x: float, y: float) -> float:
    return max(x, y) + math.log1p(math.exp(-abs(x - y)))


def _from_balls(function: Callable[..., Any]) -> Callable[..., float]:
    """A function that Python's library lacks: the certified value, rounded."""

    def rounded(*values: float) -> float:
        with working_precision(_PRECISION):
            try:
                return float(function(*map(arb, values)))
            except Undefined as undefined:
                raise ValueError(str(undefined)) from None

    return rounded


def as_in_arrays(function: Callable[..., float]) -> Callable[..., float]:
    """A function of constants with the infinities and NaN of arrays in place of exceptions."""

    def computed(*values: float) -> float:
        try:
            return function(*values)
        except OverflowError:
            return math.copysign(math.inf, function(math.copysign(1.0, values[0]), *values[1:]))
        except ZeroDivisionError:
            return values[0] * math.copysign(math.inf, values[-1])
        except ValueError:
            return math.nan

    return computed


_PRECISION = 128  # bits

ARITHMETIC_OPERATORS: Mapping[str, Any] = {
    "add": operator.add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "negative": operator.neg,
    "positive": operator.pos,
}

REALS = Arithmetic(
    constant=float,
    names={"pi": math.pi, "e": math.e},
    operations={
        **ARITHMETIC_OPERATORS,
        "power": _power,
        **{
            name: getattr(math, name)
            for name in (
                "acos acosh asin asinh atan atan2 atanh cos cosh erf erfc exp expm1 lgamma "
                "log log1p sin sinh sqrt tan tanh"
            ).split()
        },
        **{
            name: _from_balls(getattr(functions, name))
            for functions, names in (
                (elementary_functions, "xlog1py xlogy"),
                (special_functions, "erfcx erfinv i0 i0e i1 i1e log_ndtr ndtri sinc"),
                (gamma_functions, "gammainc gammaincc polygamma zeta"),
            )
            for name in names.split()
        },
        "abs": abs,
        "ceil": lambda x: float(math.ceil(x)),
        "floor": lambda x: float(math.floor(x)),
        "logaddexp": _logaddexp,
        "ndtr": lambda x: 0.5 * math.erfc(-x / math.sqrt(2.0)),
        "relu": lambda x: max(x, 0.0),
        "round": lambda x: float(round(x)),
        "sigmoid": _sigmoid,
        "sign": lambda x: float((x > 0) - (x < 0)),
        "step": lambda x: float(x > 0),
        "trunc": lambda x: float(math.trunc(x)),
        "where": lambda a, b, then, otherwise: then() if a < b else otherwise(),
    },
)


def undefined_points(expression: Expression, points: Iterable[float]) -> list[float]:
    """The points at which the expression has no finite real value."""
    points = list(points)
    values = finite_values(expression, points)
    return [x for x, value in zip(points, values, strict=True) if math.isnan(value)]


def finite_values(expression: Expression, points: Iterable[float]) -> list[float]:
    """The values at the points; NaN where there is no value, or none that fits a double."""
    real = as_function(expression, REALS)
    return [_finite_or_nan(real, x) for x in points]


def _finite_or_nan(real: Callable[[float], float], x: float) -> float:
    try:
        value = float(real(x))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    return value if math.isfinite(value) else math.nan
