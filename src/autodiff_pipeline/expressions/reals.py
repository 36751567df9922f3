"""Expressions in Python floats: light enough to check a configuration without importing torch."""

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from autodiff_pipeline.expressions.grammar import Arithmetic, Expression, as_function


def _sigmoid(x: float) -> float:
    decay = math.exp(-abs(x))
    return (1.0 if x >= 0 else decay) / (1.0 + decay)


def _power(base: float, exponent: float) -> float:
    return math.pow(base, exponent)  # raises where ** would silently turn complex


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
        "abs": abs,
        "acos": math.acos,
        "acosh": math.acosh,
        "asin": math.asin,
        "asinh": math.asinh,
        "atan": math.atan,
        "atanh": math.atanh,
        "cos": math.cos,
        "cosh": math.cosh,
        "erf": math.erf,
        "erfc": math.erfc,
        "exp": math.exp,
        "expm1": math.expm1,
        "gelu": lambda x: 0.5 * x * math.erfc(-x / math.sqrt(2.0)),
        "log": math.log,
        "log1p": math.log1p,
        "relu": lambda x: max(x, 0.0),
        "sigmoid": _sigmoid,
        "sign": lambda x: float((x > 0) - (x < 0)),
        "silu": lambda x: x * _sigmoid(x),
        "sin": math.sin,
        "sinh": math.sinh,
        "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
        "sqrt": math.sqrt,
        "step": lambda x: float(x > 0),
        "tan": math.tan,
        "tanh": math.tanh,
    },
)


def undefined_points(expression: Expression, points: Iterable[float]) -> list[float]:
    """The points at which the expression has no finite real value."""
    points = list(points)
    values = finite_values(expression, points)
    return [x for x, value in zip(points, values, strict=True) if math.isnan(value)]


def finite_values(expression: Expression, points: Iterable[float]) -> list[float]:
    """The values at the points; NaN where there is none, or none that is finite in doubles."""
    real = as_function(expression, REALS)
    return [_finite_or_nan(real, x) for x in points]


def _finite_or_nan(real: Callable[[float], float], x: float) -> float:
    try:
        value = float(real(x))
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan
    return value if math.isfinite(value) else math.nan


def linear_grid(start: float, stop: float, count: int) -> list[float]:
    """``count`` equally spaced points from ``start`` to ``stop``, each correctly rounded."""
    if count == 1:
        return [start]
    width = Fraction(stop) - Fraction(start)
    return [float(Fraction(start) + width * i / (count - 1)) for i in range(count)]
