"""Checks of a function before its derivatives are measured: its domain, operator and kinks.

They use certified arithmetic, so that rounding decides nothing, and import no torch.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from autodiff_pipeline.derivatives.operators import operator_expression
from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import Constant, Expression, nodes, parse, shortened
from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.numbers.grids import linear_grid
from autodiff_pipeline.truth.one_sided import one_sided_derivatives
from autodiff_pipeline.truth.values import certified_values

_PRECISION = 256  # bits
_LONG = 10**12  # the denominator of a constant that stands for an irrational number ...
_ROUNDED = 1e-9  # ... and what it may change, relatively

Interval = tuple[float, float]


def _points(interval: Interval) -> list[float]:
    """The interval cut into 37 and into 61 equal parts: unlikely to meet only special points."""
    return [*linear_grid(*interval, 38), *linear_grid(*interval, 62)]


def _later(interval: Interval) -> Iterator[float]:
    yield from _points(interval)


def check_defined_somewhere(text: str, interval: Interval) -> None:
    """Raise ValueError where the expression has no value anywhere on the interval."""
    expression = parse(text)
    # Most functions are defined at a third of their interval, so one point is enough.
    points = chain(linear_grid(*interval, 4)[1:3], _later(interval))
    values = (value for x in points for value in certified_values(expression, [x]))
    if not any(value is not None and value.is_finite() for value in values):
        raise ValueError(
            f"{shortened(text)} is defined nowhere on {_shown(interval)}; "
            "give an interval on which it is defined"
        )


def check_operator(text: str, operator: str, interval: Interval) -> None:
    """Raise ValueError where the operator means another function than the expression.

    The two are compared as mathematical functions, with their first two derivatives, and not as
    torch computes them: the tables are there to show errors in an operator's digits.
    """
    expression, other = parse(text), operator_expression(operator)
    points = _points(interval)
    values, others = (certified_values(each, points) for each in (expression, other))
    rows, other_rows = (
        derivative_balls(each, points, 2, _PRECISION) for each in (expression, other)
    )
    tolerance = _ROUNDED if _has_long_constants(expression) else 0.0
    for x, value, ball, *orders in zip(points, values, others, rows, other_rows, strict=True):
        if value is None:
            continue
        if ball is None or not _may_be_same(value, ball, tolerance):
            it, wanted = (
                "undefined" if ball is None else f"{float(ball):.6g}",
                f"{float(value):.6g}",
            )
            difference = f"it is {it}, the expression {wanted}"
            if it == wanted:
                difference = f"they differ by {float(abs(value - ball)):.1g}"
        elif not all(_may_be_same(a, b, tolerance) for a, b in zip(*orders, strict=True)):
            difference = "their derivatives differ"
        else:
            continue
        raise ValueError(
            f"the operator {operator} is not the expression {shortened(text)}: "
            f"at x = {x:g} {difference}; give the operator that is the same function, or none"
        )


def _may_be_same(a: Ball, b: Ball, tolerance: float) -> bool:
    return bool(
        a.overlaps(b)
        or not (a.is_finite() and b.is_finite())
        or abs(a - b) < tolerance * (abs(a) + abs(b))
    )


def _has_long_constants(expression: Expression) -> bool:
    return any(
        isinstance(node, Constant) and node.value.denominator > _LONG for node in nodes(expression)
    )


def check_points(points: Sequence[float], intervals: Sequence[Interval]) -> None:
    """Raise ValueError where a point lies outside all intervals."""
    _check_inside("point", points, intervals)


def _check_inside(what: str, places: Sequence[float], intervals: Sequence[Interval]) -> None:
    for x in places:
        if not any(start <= x <= stop for start, stop in intervals):
            raise ValueError(
                f"the {what} {x:g} is outside {' and '.join(map(_shown, intervals))}; "
                f"list {what}s inside"
            )


def check_kinks(text: str, kinks: Sequence[float], intervals: Sequence[Interval]) -> None:
    """Raise ValueError where a kink lies outside all intervals, or is not a kink."""
    _check_inside("kink", kinks, intervals)
    for x in kinks:
        try:
            one_sided_derivatives(parse(text), x)
        except ValueError as error:
            raise ValueError(
                f"{x:g} is not a kink of {shortened(text)}: {error}; list kinks only"
            ) from None


def _shown(interval: Interval) -> str:
    return f"[{interval[0]:g}, {interval[1]:g}]"
