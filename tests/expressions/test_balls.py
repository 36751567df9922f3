from fractions import Fraction

import mpmath
import pytest
from flint import arb
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import (
    FUNCTIONS,
    Arithmetic,
    Constant,
    Name,
    Operation,
    as_function,
    parse,
)

MPMATH = Arithmetic(
    constant=lambda value: mpmath.mpf(value.numerator) / value.denominator,
    names={"pi": mpmath.pi, "e": mpmath.e},
    operations={
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a / b,
        "negative": lambda a: -a,
        "power": lambda a, b: a**b,
        **{
            name: getattr(mpmath, name)
            for name in "asinh atan cos cosh erf erfc exp sin sinh tanh".split()
        },
        "gelu": lambda x: x * mpmath.ncdf(x),
        "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
        "silu": lambda x: x / (1 + mpmath.exp(-x)),
        "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    },
)
SMOOTH = "asinh atan cos erf erfc gelu sigmoid silu sin softplus tanh".split()

numbers = st.fractions(min_value=-4, max_value=4, max_denominator=20).map(Constant)
expressions = st.recursive(
    numbers | st.just(Name("x")),
    lambda inner: (
        st.builds(
            lambda name, a, b: Operation(name, (a, b)),
            st.sampled_from(["add", "subtract", "multiply"]),
            inner,
            inner,
        )
        | st.builds(lambda name, a: Operation(name, (a,)), st.sampled_from(SMOOTH), inner)
    ),
    max_leaves=6,
)


@given(expression=expressions, x=st.floats(-3, 3))
@example(expression=parse("sigmoid(x - x)"), x=0.5)
@example(expression=parse("sinh(x - x)"), x=0.5)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_balls_contain_mpmaths_derivatives_of_random_expressions(expression, x):
    balls = derivative_balls(expression, [x], 2, precision=200)[0]
    with mpmath.workdps(80):
        for order, ball in enumerate(balls):
            value = mpmath.diff(as_function(expression, MPMATH), mpmath.mpf(x), order)
            off = abs(mpmath.mpf(str(ball.mid().str(70, radius=False))) - value)
            assert off <= mpmath.mpf(10) ** -25 * (1 + abs(value))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_finite_ball_for_each_order(name):
    x = 1.5 if name == "acosh" else 0.5
    balls = derivative_balls(parse(f"{name}(x)"), [x], 4, precision=128)[0]
    assert all(ball.is_finite() and ball.rad() < 1e-30 for ball in balls)


def test_constants_are_exact_as_written():
    ball = derivative_balls(parse("0.05*x"), [1.0], 1, precision=128)[0][1]
    assert (ball * 20).contains(1)
    assert not ball.contains(arb(0.05))  # the nearest double is another number


@pytest.mark.parametrize(
    ("text", "x", "order"),
    [
        ("log(x)", -1.0, 1),
        ("sqrt(x)", 0.0, 1),
        ("1/x", 0.0, 1),
        ("1/x", 0.0, 2),
        ("sin(x)/x", 0.0, 1),
        ("relu(x)", 0.0, 1),
        ("abs(x)", 0.0, 1),
        ("x**0.5", 0.0, 2),
    ],
)
def test_no_derivative_no_finite_ball(text, x, order):
    assert not derivative_balls(parse(text), [x], 4, precision=128)[0][order].is_finite()


def test_kinks_are_decided_off_the_kink():
    left, right = derivative_balls(parse("abs(x - 1)"), [0.5, Fraction(3, 2)], 1, precision=64)
    assert (left[1], right[1]) == (-1, 1)
