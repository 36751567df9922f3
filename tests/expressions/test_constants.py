"""Parts that are constant although x occurs in them, told from those that only look so."""

import pytest

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import parse


def balls(text, x):
    (row,) = derivative_balls(parse(text), [x], 2, 128)
    return [float(ball) for ball in row] if all(ball.is_finite() for ball in row) else None


@pytest.mark.parametrize("x", [1.5, 1.75, 2.0])
def test_a_function_at_the_end_of_its_domain_all_along_has_derivatives(x):
    assert balls("acos(relu(x + 1) - relu(x - 1) - 1)", x) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("acos(x*x - (x + 1)*(x - 1))", 0.3),
        ("sqrt((x + 1)**2 - x**2 - 2*x - 1)", 5.0),
        ("sqrt(abs(x) + x)", -1.0),
    ],
)
def test_polynomials_that_cancel_are_constant(text, x):
    assert balls(text, x) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("text", "x"),
    [
        ("acos(1 - x**30)", 0.0),  # many coefficients are 0, and one is not
        ("acos(1 + x**62)", 0.0),
        ("sqrt(x**30 * x**31)", 0.0),
        ("acos(cos(x))", 0.0),
        ("acos(relu(x + 1) - relu(x - 1) - 1)", 1.0),  # a kink
        ("acos(sin(x)**2 + cos(x)**2)", 0.5),  # constant, but not seen to be
        ("log(abs(x) - x)", 1.0),  # nowhere defined on this side
        ("1/(abs(x) - x)", 1.0),
    ],
)
def test_what_is_not_seen_to_be_constant_is_not_certified(text, x):
    assert balls(text, x) is None
