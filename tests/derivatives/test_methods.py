import warnings

import pytest
import torch

from autodiff_pipeline.derivatives.methods.registry import METHODS, derivative
from autodiff_pipeline.derivatives.subject import Unavailable, expression_subject, operator_subject
from autodiff_pipeline.expressions.grammar import parse

X = torch.linspace(0.4, 1.9, 7, dtype=torch.float64)
CLOSED_FORMS = {1: torch.cos, 2: lambda x: -torch.sin(x), 3: lambda x: -torch.cos(x), 4: torch.sin}
SINE = expression_subject("sin", parse("sin(x)"))
RELU = expression_subject("relu", parse("relu(x)"))
TOLERANCES = {
    "forward_difference": 2e-2,
    "central_difference": 1e-3,
    "richardson_3": 1e-4,
}


CASES = [
    (method, order)
    for method in METHODS
    for order in CLOSED_FORMS
    if method != "stable" and (method, order) != ("forward_over_reverse", 1)
    if method != "complex_step" or order == 1
]


@pytest.mark.parametrize(("method", "order"), CASES)
def test_every_method_against_closed_forms(method, order):
    values = derivative(method, SINE, order, X)
    tolerance = TOLERANCES.get(method, 1e-15)
    torch.testing.assert_close(values, CLOSED_FORMS[order](X), rtol=tolerance, atol=tolerance)
    assert not values.requires_grad
    assert X.grad is None


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
@pytest.mark.parametrize("method", sorted(set(METHODS) - {"forward_over_reverse", "complex_step"}))
def test_values_have_the_dtype_of_x(method, dtype):
    subject = expression_subject("tanh", parse("tanh(x)"))
    assert derivative(method, subject, 1, X.to(dtype)).dtype == dtype


@pytest.mark.parametrize(
    ("method", "subject", "order", "dtype", "said"),
    [
        ("formula", operator_subject("tanh", parse("tanh(x)")), 1, torch.float64, "no formula"),
        (
            "complex_step",
            RELU,
            1,
            torch.float64,
            "not analytic",
        ),
        ("complex_step", SINE, 1, torch.float16, "no complex"),
        ("complex_step", expression_subject("f", parse("erf(x)")), 1, torch.float64, "not served"),
        (
            "complex_step",
            SINE,
            2,
            torch.float64,
            "order 1 only",
        ),
        (
            "forward_over_reverse",
            SINE,
            1,
            torch.float64,
            "order 2 or more",
        ),
        ("stable", SINE, 1, torch.float64, "no stable rule"),
    ],
)
def test_what_is_not_available_says_why(method, subject, order, dtype, said):
    with pytest.raises(Unavailable, match=said):
        derivative(method, subject, order, X.to(dtype))


@pytest.mark.parametrize(
    "method", ["reverse_mode", "forward_mode", "autograd_grad", "backward", "formula"]
)
@pytest.mark.parametrize("text", ["7", "x", "2*x + 1", "sign(x)"])
def test_derivatives_that_vanish_are_zero_not_missing(method, text):
    subject = expression_subject("f", parse(text))
    assert not derivative(method, subject, 2, X).any()


@pytest.mark.parametrize("text", ["tanh(x)", "gelu(x)", "x/(1 + exp(-x))", "log_ndtr(x)"])
def test_reverse_mode_is_to_the_bit_that_of_vmap(text):
    subject = expression_subject("f", parse(text))
    x = torch.linspace(-30, 20, 192)
    slope = subject.function
    for order in (1, 2):
        slope = torch.func.grad(slope)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # log_ndtr has no batching rule
            expected = torch.func.vmap(slope)(x)
        found = METHODS["reverse_mode"](subject, order, x)
        torch.testing.assert_close(found, expected, rtol=0, atol=0, equal_nan=True)
