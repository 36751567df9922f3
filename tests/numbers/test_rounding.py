import math

import mpmath
import numpy
import pytest
from flint import arb

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.power_series import working_precision
from autodiff_pipeline.numbers.rounding import round_ball, round_balls
from autodiff_pipeline.numbers.ulp import FORMATS, ulp_errors
from autodiff_pipeline.truth.at_points import certified_derivatives


def test_an_error_of_one_ulp_at_a_power_of_two():
    # sin(pi*x)/(pi*x) at 1: the second derivative is exactly 2, whose float32 ulp is 2**-22.
    form = FORMATS["float32"]
    (_, truth) = certified_derivatives(parse("sin(pi*x)/(pi*x)"), [1.0], 2, form)
    assert (truth.rounded[0], truth.ulp_exponent[0]) == (2.0, -22)
    assert ulp_errors(numpy.array([2 + 2.0**-22]), truth, form)[0] == 1
    assert ulp_errors(numpy.array([2 - 2.0**-22]), truth, form)[0] == 1


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_ulp_is_that_of_the_binade_of_the_truth(dtype, sign):
    """Truths at, just below and just above powers of two, against their logarithm in mpmath."""
    form = FORMATS[dtype]
    points = [2.0**-k for k in range(1, 50)]
    for text, derivative in (
        ("tanh(x)", lambda x: mpmath.sech(x) ** 2),
        ("sinh(x)", mpmath.cosh),
        ("x**2", lambda x: 2 * x),
    ):
        expression = parse(text if sign > 0 else f"-({text})")
        (truth,) = certified_derivatives(expression, points, 1, form)
        with mpmath.workdps(100):
            for x, exponent in zip(points, truth.ulp_exponent, strict=True):
                binade = int(mpmath.floor(mpmath.log(derivative(mpmath.mpf(x)), 2)))
                expected = max(binade - form.precision + 1, form.smallest_ulp_exponent)
                assert exponent == expected, (text, x)


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_ball_round_a_power_of_two_belongs_to_the_binade_above(dtype):
    form = FORMATS[dtype]
    with working_precision(200):  # else negation rounds
        below, close = arb(2) - arb(2) ** -105, arb(2) - arb(2) ** -120
        inside = [arb(2, 2.0**-111), arb(close, 2.0**-112), close, arb(2)]
        balls = [*inside, *(-ball for ball in inside), below, -below]
    exponents = [2 - form.precision] * 8 + [1 - form.precision] * 2
    together = round_balls(balls, form)
    assert together.ulp_exponent.tolist() == exponents
    assert together.rounded.tolist() == [2, 2, 2, 2, -2, -2, -2, -2, 2, -2]
    assert [round_ball(ball, form)[2] for ball in balls] == exponents
    assert round_ball(arb(2, 2.0**-100), form) is None
    assert not round_balls([arb(2, 2.0**-100)], form).certified.any()


def test_only_what_is_told_from_nothing_is_zero():
    form = FORMATS["float32"]
    assert round_ball(arb(0), form) == (0.0, 0.0, form.smallest_ulp_exponent)
    assert round_ball(arb(0, 2.0**-1000), form) is None  # the truth might be 1e-310
    assert round_ball(arb(0, 1) * arb(2) ** -2300, form) == (0.0, 0.0, form.smallest_ulp_exponent)
    for exponent in (-200, -2000, -(10**9)):
        for sign in (1, -1):
            rounded, remainder, _ = round_ball(sign * arb(2) ** exponent, form)
            assert rounded == 0
            assert remainder == sign * max(math.ldexp(1.0, exponent + 149), 5e-324)
