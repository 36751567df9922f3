"""Derivatives at tiny x by expansion at 0, where direct evaluation cancels nearly all its bits.

The second derivative of (1 - cos(x))/x at 1e-300 is a difference of terms of size 1/x, which agree
in 2,000 bits. At 0 there is no such difference, so the function is expanded there, and the rest of
the series is enclosed over the whole segment from 0 to x.

Every part of an expression is evaluated twice: at 0, and at the ball that holds the segment. The
two meet in one rule. If a(0) = 0, then a(t)/t is the mean of a'(st) over s in [0, 1]; hence its
coefficient of order n at t is a mean of the coefficients of order n + 1 of a on the segment, and
lies in the ball that contains these. So a denominator with a zero of order m at 0 is divided by
shifting the coefficients of both sides m places, over the segment as at 0.

Points of one sign and similar size share a segment.
"""

import math
from collections.abc import Callable, Iterable
from functools import cache, partial
from math import comb, factorial
from typing import NamedTuple

from flint import arb, arb_series

from autodiff_pipeline.expressions.balls import BALLS, arithmetic
from autodiff_pipeline.expressions.grammar import Arithmetic, Expression, as_function
from autodiff_pipeline.expressions.power_series import (
    Ball,
    BallOrSeries,
    Undefined,
    divide,
    order_of_zero,
    shifted,
    start,
    with_terms,
    without_zero,
    working_precision,
)

TERMS = 8  # of the expansion, before its remainder
_BINADES = 8  # of points that share a segment


class Both(NamedTuple):
    """A function's series at 0, and the series that encloses it at every point of the segment."""

    zero: BallOrSeries
    segment: BallOrSeries


def expanded_balls(
    expression: Expression, points: Iterable[float], order: int, precision: int
) -> list[list[Ball]]:
    """As `derivative_balls`, for points near 0 of an expression that is analytic from 0 to them.

    Elsewhere the balls are right too, but infinite or too wide to be of use.
    """
    with working_precision(precision):
        function = as_function(expression, arithmetic())
        both = as_function(expression, _BOTH._replace(names=arithmetic().names))
        try:
            at_zero = with_terms(lambda: function(arb_series([0, 1])), order + 1 + TERMS)
        except Undefined:
            return [[arb.nan()] * (order + 1) for _ in points]

        polynomials = cache(partial(_polynomials, both, at_zero, order))
        undefined = [[arb.nan()]] * (order + 1)
        return [
            [
                _value(each, arb(x))
                for each in polynomials(_longest(x)) or polynomials(x) or undefined
            ]
            for x in points
        ]


def _polynomials(
    both: Callable[[Both], BallOrSeries | Both], at_zero: Ball, order: int, end: float
) -> list[list[Ball]] | None:
    """Taylor's for the derivative of every order, the last coefficient with Lagrange's remainder.

    They hold from 0 to ``end``. None where the function is not known to be analytic.
    """
    try:
        segment = with_terms(lambda: _segment(both(_variable(arb(end)))), order + 1 + TERMS)
    except Undefined:
        return None
    return [
        [
            (at_zero if k < TERMS else segment)[n + k] * (comb(n + k, n) * factorial(n))
            for k in range(TERMS + 1)
        ]
        for n in range(order + 1)
    ]


def _longest(x: float) -> float:
    """A power of two farther from 0 than x, the same for many binades."""
    exponent = -(-math.frexp(x)[1] // _BINADES) * _BINADES
    return math.copysign(math.ldexp(1.0, exponent), x)


def _value(coefficients: list[Ball], x: Ball) -> Ball:
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = value * x + coefficient
    return value


def _variable(x: Ball) -> Both:
    return Both(arb_series([0, 1]), arb_series([arb(0).union(x), 1]))


def _zero(value: BallOrSeries | Both) -> BallOrSeries:
    return value.zero if isinstance(value, Both) else value


def _segment(value: BallOrSeries | Both) -> BallOrSeries:
    return value.segment if isinstance(value, Both) else value


def _lifted(operation: Callable[..., BallOrSeries]) -> Callable[..., BallOrSeries | Both]:
    """The operation applied to both series; to constants unchanged."""

    def lifted(*values: BallOrSeries | Both) -> BallOrSeries | Both:
        if not any(isinstance(value, Both) for value in values):
            return operation(*values)
        return Both(operation(*map(_zero, values)), operation(*map(_segment, values)))

    return lifted


_quotient = _lifted(divide)


def _divide(a: BallOrSeries | Both, b: BallOrSeries | Both) -> BallOrSeries | Both:
    if not isinstance(b, Both) or not isinstance(b.zero, arb_series) or start(b.zero) != 0:
        return _quotient(a, b)
    order = order_of_zero(b.zero)
    return Both(
        zero=divide(without_zero(_zero(a), order), shifted(b.zero, -order)),
        segment=divide(shifted(_segment(a), -order), shifted(b.segment, -order)),
    )


def _where(
    a: BallOrSeries | Both,
    b: BallOrSeries | Both,
    then: Callable[[], BallOrSeries | Both],
    otherwise: Callable[[], BallOrSeries | Both],
) -> BallOrSeries | Both:
    """The branch that is taken at 0 and at all of the segment: Undefined if there is none."""

    def chosen(part: Callable[[BallOrSeries | Both], BallOrSeries]) -> BallOrSeries:
        return BALLS.operations["where"](
            part(a), part(b), lambda: part(then()), lambda: part(otherwise())
        )

    return Both(chosen(_zero), chosen(_segment))


_BOTH = Arithmetic(
    constant=BALLS.constant,
    names={},
    operations={
        **{name: _lifted(operation) for name, operation in BALLS.operations.items()},
        "divide": _divide,
        "where": _where,
    },
)
