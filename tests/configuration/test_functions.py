import pytest

from autodiff_pipeline.configuration.functions import (
    check_defined_somewhere,
    check_operator,
)
from autodiff_pipeline.derivatives.operators import OPERATORS


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("log(1 - exp(x))", (-5, -1e-20)),
        ("2**x", (0, 1024)),
        ("sin(x)/x", (-1, 1)),
        ("1/sin(pi*x)", (0, 37)),
        ("sqrt(x - 0.999)", (0, 1)),
        ("x", (0, 5e-324)),
        ("atan(x)", (-1.79e308, 1.79e308)),
    ],
)
def test_a_function_that_is_defined_somewhere(text, interval):
    check_defined_somewhere(text, interval)


@pytest.mark.parametrize("text", ["log(x)", "sqrt(x)", "acos(x - 3)", "1/(x - x)", "log(-x**2)"])
def test_a_function_that_is_defined_nowhere(text):
    with pytest.raises(ValueError, match=r"is defined nowhere on \[-2, -1\]"):
        check_defined_somewhere(text, (-2, -1))


EQUAL = [
    ("x*(1 + erf(x/sqrt(2)))/2", "gelu", (-12, 12)),
    ("x*(1 + erf(0.7071067811865476*x))/2", "gelu", (-12, 12)),  # to 16 digits
    ("sqrt(x**2)", "abs", (-5, 5)),
    ("x", "relu", (0, 5)),
    ("(x + abs(x))/2", "relu", (-5, 5)),
    ("log(1 + x)", "log1p", (-1, 10)),
    ("x**0.5", "sqrt", (0, 1)),
    *((operator.call, name, operator.interval) for name, operator in OPERATORS.items()),
]


@pytest.mark.parametrize(("text", "operator", "interval"), EQUAL)
def test_an_operator_that_is_the_expression(text, operator, interval):
    check_operator(text, operator, interval)


@pytest.mark.parametrize(
    ("text", "operator", "interval"),
    [
        ("tanh(x)", "erf", (-5, 5)),
        ("tanh(x)", "erf", (30, 60)),  # the same to 26 digits, but for the derivatives
        ("x*(1 + erf(0.70710678*x))/2", "gelu", (-12, 12)),  # to 8 digits
        ("x", "softplus", (30, 60)),
        ("exp(x)", "sigmoid", (-60, -40)),
        ("x", "relu", (-0.1, 5)),
        ("log(abs(x))", "log", (-5, 5)),
        ("sin(x)", "tanh", (-1e-20, 1e-20)),
    ],
)
def test_an_operator_that_is_not(text, operator, interval):
    with pytest.raises(ValueError, match="is not the expression"):
        check_operator(text, operator, interval)
