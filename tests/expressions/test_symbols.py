import math
import time

import mpmath
import pytest
import torch
from expressions.calls import EVERY_CALL
from expressions.limits import in_mpmath, one_sided_limits

from autodiff_pipeline.expressions.grammar import ExpressionError, as_function, parse
from autodiff_pipeline.expressions.reals import REALS
from autodiff_pipeline.expressions.symbols import derivative
from autodiff_pipeline.expressions.tensors import tensor_function


@pytest.mark.parametrize("text", EVERY_CALL)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivative_of_every_function_is_mpmaths_numerical_one(text, order):
    x = 1.3 if "acosh" in text else 0.37
    formula = derivative(parse(text), order)
    with mpmath.workprec(300):
        limits = one_sided_limits(
            in_mpmath(parse(text)), mpmath.mpf(x), order, mpmath.mpf(2) ** -40
        )
    expected = float(limits[order])
    assert as_function(formula, REALS)(x) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "order", "closed_form"),
    [
        ("2 + 0.5*x - 0.05*x**2", 1, lambda x: 0.5 - 0.1 * x),
        ("x**3", 2, lambda x: 6 * x),
        ("x**-2", 1, lambda x: -2 * x**-3),
        ("sqrt(x)", 1, lambda x: 0.5 / math.sqrt(x)),
        ("x**x", 1, lambda x: x**x * (1 + math.log(x))),
        ("2**x", 2, lambda x: 2**x * math.log(2) ** 2),
        ("x*exp(-x**2)", 1, lambda x: (1 - 2 * x * x) * math.exp(-x * x)),
        ("1/(1 + exp(-x))", 1, lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2),
        ("(1 + x)**0.5", 1, lambda x: 0.5 / math.sqrt(1 + x)),
        ("cos(pi*x)/e", 1, lambda x: -math.pi * math.sin(math.pi * x) / math.e),
        ("7", 1, lambda x: 0.0),
        ("tanh(x)", 0, math.tanh),
    ],
)
def test_closed_forms(text, order, closed_form):
    formula = derivative(parse(text), order)
    for x in (0.3, 1.7):
        assert as_function(formula, REALS)(x) == pytest.approx(closed_form(x), rel=1e-12)


def test_the_formula_runs_on_tensors():
    x = torch.linspace(-2, 2, 5, dtype=torch.float64)
    formula = tensor_function(derivative(parse("tanh(x)"), 1))
    torch.testing.assert_close(formula(x), 1 - torch.tanh(x) ** 2, rtol=0, atol=0)


@pytest.mark.parametrize(
    "text", ["x**10**10", "(2*x)**(10**10)", "9**9**9**9*x", "x**(10**10**10)", "exp(10**9)*x"]
)
def test_large_powers_return_at_once(text):
    began = time.perf_counter()
    derivative(parse(text), 2)
    assert time.perf_counter() - began < 5


def test_kinks_follow_the_textbook():
    assert as_function(derivative(parse("relu(x)"), 1), REALS)(0.0) == 0
    assert as_function(derivative(parse("abs(x)"), 1), REALS)(0.0) == 0
    assert as_function(derivative(parse("sign(x)"), 1), REALS)(2.0) == 0


def test_an_endless_formula_is_refused_in_one_sentence():
    nested = "tanh(x*" * 12 + "x" + ")" * 12
    with pytest.raises(ExpressionError, match="terms and factors"):
        derivative(parse(nested), 4)


def test_a_formula_that_grows_without_bound_is_refused_before_it_is_written():
    clamped = "clamp(" * 40 + "x" + ", 0, 1)" * 40
    with pytest.raises(ExpressionError, match="5000 nodes"):
        derivative(parse(clamped), 1)
