import math
import time

import mpmath
import pytest
import torch

from autodiff_pipeline.expressions.grammar import FUNCTIONS, ExpressionError, as_function, parse
from autodiff_pipeline.expressions.reals import REALS
from autodiff_pipeline.expressions.symbols import derivative
from autodiff_pipeline.expressions.tensors import tensor_function

HIGH_PRECISION = {
    "gelu": lambda x: x * mpmath.ncdf(x),
    "relu": lambda x: x if x > 0 else mpmath.mpf(0),
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "silu": lambda x: x / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "step": lambda x: mpmath.mpf(x > 0),
    "abs": abs,
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [1, 2, 3])
def test_derivative_of_every_function_is_mpmaths_numerical_one(name, order):
    x = 1.3 if name == "acosh" else 0.37
    function = HIGH_PRECISION.get(name) or getattr(mpmath, name)
    formula = derivative(parse(f"{name}(x)"), order)
    expected = float(mpmath.diff(function, x, order))
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
