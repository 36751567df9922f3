"""Every function's balls against mpmath, at random and at dangerous points, orders 0 to 4."""

import random

import pytest
from expressions.calls import EVERY_CALL
from expressions.limits import NotReal, in_mpmath, one_sided_limits
from mpmath import mpf, workprec

from autodiff_pipeline.expressions.balls import derivative_balls, why_undefined
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.power_series import UNDECIDED

ORDER = 4
PRECISION = 1_000  # bits of mpmath: the fourth difference takes 400 of them, at 1e-20 670
DANGEROUS = [0.0, 1.0, -1.0, 0.5, -0.5, 1 - 2.0**-53, -1 + 2.0**-53, 3.0, -3.0, 6.0, 20.0, -40.5]
DANGEROUS += [100.0, -100.25, 1e-5, -1e-5, 1e-20, -1e-20, 2.0**-60, 3e3, -3e3 - 0.25]


def points(text):
    rng = random.Random(text)
    return [*DANGEROUS, *(rng.uniform(-6, 6) for _ in range(5)), *(rng.random() for _ in range(3))]


def same(limit, other, sizes):
    return abs(limit - other) <= mpf(2) ** -100 * abs(limit) + mpf(2) ** -250 * (1 + max(sizes))


@pytest.mark.parametrize("text", EVERY_CALL)
def test_balls_of_every_function_are_mpmaths_limits(text):
    expression, defined = parse(text), 0
    with workprec(PRECISION):
        function = in_mpmath(expression)
        for x in points(text):
            (balls,) = derivative_balls(expression, [x], ORDER, precision=256)
            reason = why_undefined(expression, x, precision=256)
            assert reason != UNDECIDED, x
            step = mpf(2) ** -100 * (min(1, abs(x)) if x else 1)
            try:
                right, left = (
                    one_sided_limits(function, mpf(x), ORDER, side * step) for side in (1, -1)
                )
            except (NotReal, ZeroDivisionError):
                assert reason, x
                continue
            sizes = [*map(abs, right), *map(abs, left)]
            both = zip(left, right, strict=True)
            assert bool(reason) != all(same(a, b, sizes) for a, b in both), (x, reason)
            if not reason:
                defined += 1
                for ball, limit in zip(balls, right, strict=True):
                    assert same(limit, mpf(ball.str(100, radius=False)), sizes), x
                    assert ball.rad() < 2.0**-60 * abs(ball) or ball.rad() < 2.0**-200, x
    assert defined >= 5
