"""The series of a function from what is known of it: its derivative, its coefficients, its ends."""

from collections.abc import Callable
from math import factorial

from flint import arb_series

from autodiff_pipeline.expressions.power_series import Ball, BallOrSeries, Function


def integrated(value: Function, slope: Function) -> Function:
    """The series of f from f for balls and f' for series: f(u) = f(u0) + integral of f'(u) u'."""

    def function(u: BallOrSeries) -> BallOrSeries:
        if not isinstance(u, arb_series):
            return value(u)
        return (slope(u) * u.derivative()).integral() + value(u[0])

    return function


def solved(value: Function, slope: Function) -> Function:
    """The series of a solution of y' = slope(y), from y for balls: an inverse function.

    Picard's iteration: each round makes one more term right.
    """

    def function(u: BallOrSeries) -> BallOrSeries:
        if not isinstance(u, arb_series):
            return value(u)
        first, du = value(u[0]), u.derivative()
        y = arb_series([first], 1)
        for _ in range(u.prec - 1):
            y = (slope(y) * du).integral() + first
        return y

    return function


def expanded_by(taylor: Callable[[Ball, int], list[Ball]]) -> Function:
    """A function from its first Taylor coefficients, at every point of a ball."""

    def function(u: BallOrSeries) -> BallOrSeries:
        if not isinstance(u, arb_series):
            return taylor(u, 1)[0]
        coefficients = taylor(u[0], u.prec)
        if len(u) < 2:  # python-flint refuses to compose a series with exactly 0
            return arb_series(coefficients[:1], u.prec)
        return arb_series(coefficients, u.prec)(arb_series([0, *u.coeffs()[1:]], u.prec))

    return function


def periodic(*derivatives: Function) -> Function:
    """A function whose derivatives repeat: sinh, cosh."""

    def taylor(x: Ball, terms: int) -> list[Ball]:
        values = [derivative(x) for derivative in derivatives[:terms]]
        return [values[k % len(values)] / factorial(k) for k in range(terms)]

    return expanded_by(taylor)


def monotone(function: Callable[[Ball], Ball], x: Ball) -> Ball:
    """A monotone function over a ball, from its ends: the series that compute it widen balls."""
    return function(x) if x.is_exact() else function(x.lower()).union(function(x.upper()))


def each_monotone(functions: Callable[[Ball], list[Ball]], x: Ball) -> list[Ball]:
    """The same of several functions that are computed together."""
    if x.is_exact():
        return functions(x)
    ends = (functions(end) for end in (x.lower(), x.upper()))
    return [low.union(high) for low, high in zip(*ends, strict=True)]
