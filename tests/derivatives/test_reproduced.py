"""What nobody reports together, reproduced from the atlas's own tables."""

import numpy
import pytest
import torch

from autodiff_pipeline.derivatives.accuracy import accuracy_table
from autodiff_pipeline.derivatives.methods.registry import derivative
from autodiff_pipeline.derivatives.subject import expression_subject, operator_subject
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, all_points, sampled_points

LOST_FROM = {"float16": 4.5078, "bfloat16": 3.4688, "float32": 9.0108, "float64": 19.0615}


@pytest.fixture(scope="module", params=DTYPES)
def table(request):
    """The accuracy table of tanh in one dtype, indexed by function and method."""
    dtype = DTYPES[request.param]
    if dtype.itemsize == 2:
        chunks = all_points(-20, 20, dtype, 8192)
    else:
        drawn = torch.linspace(-40, 40, 801, dtype=torch.float64).to(dtype)
        ranked = sampled_points(-40, 40, dtype, 300, torch.Generator().manual_seed(1))
        chunks = [torch.cat([drawn, ranked]).sort().values]
    tanh = parse("tanh(x)")
    subjects = [expression_subject("tanh", tanh), operator_subject("tanh", tanh)]
    frame = accuracy_table(subjects, request.param, chunks, [1])
    return frame.set_index(["function", "method"])


@pytest.mark.parametrize("method", ["reverse_mode", "forward_mode", "autograd_grad", "backward"])
def test_the_derivative_of_tanh_is_lost(table, method):
    row = table.loc["torch.tanh", method]
    assert abs(row["first_lost_x"]) == pytest.approx(LOST_FROM[row["dtype"]], rel=1e-4)
    assert row["lost_points"] > 0


def test_the_textbook_formula_is_lost_at_the_same_place(table):
    row = table.loc["tanh", "formula"]
    assert abs(row["first_lost_x"]) == pytest.approx(LOST_FROM[row["dtype"]], rel=1e-4)


def test_the_stable_rule_loses_nothing(table):
    row = table.loc["tanh", "stable"]
    assert row["lost_points"] == 0
    assert row["max_ulp_error"] <= 5


def test_the_complex_step_stays_right(table):
    row = table.loc["tanh", "complex_step"]
    if row["dtype"] in ("float16", "bfloat16"):
        assert "no complex arithmetic" in row["note"]
    else:
        assert row["lost_points"] == 0
        assert row["max_ulp_error"] <= 32


@pytest.mark.parametrize(("dtype", "x"), [(torch.float32, 6.0), (torch.float64, 12.0)])
def test_long_before_it_is_off_by_thousands_of_ulp(dtype, x):
    point = [torch.tensor([x], dtype=dtype)]
    subject = expression_subject("tanh", parse("tanh(x)"))
    frame = accuracy_table([subject], str(dtype)[6:], point, [1]).set_index("method")
    assert frame.loc["reverse_mode", "max_ulp_error"] > 1000
    assert frame.loc["reverse_mode", "lost_points"] == 0


def test_gradcheck_passes_where_every_digit_is_wrong():
    x = torch.tensor([20.0, 30.0], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(torch.tanh, (x,))
    (gradient,) = torch.autograd.grad(torch.tanh(x).sum(), x)
    assert not gradient.any()


def test_gelus_derivative_is_lost_in_float32():
    point = [torch.tensor([-8.4])]
    subjects = [
        expression_subject("gelu", parse("x*(1 + erf(x/sqrt(2)))/2"), "gelu"),
        operator_subject("gelu", parse("gelu(x)")),
    ]
    frame = accuracy_table(subjects, "float32", point, [1]).set_index(["function", "method"])
    assert frame.loc[("torch.gelu", "reverse_mode"), "lost_points"] == 1
    assert frame.loc[("gelu", "stable"), "max_ulp_error"] <= 5


def test_torchs_gelu_depends_on_the_length_of_the_tensor():
    """Why `derivative` fills up whole registers: see there."""
    values = [
        torch.func.vmap(torch.func.grad(torch.nn.functional.gelu))(torch.full((n,), -8.4))[0]
        for n in (1, 64)
    ]
    subject = operator_subject("gelu", parse("gelu(x)"))
    short, long = (
        derivative("reverse_mode", subject, 1, torch.full((n,), -8.4))[0] for n in (1, 64)
    )
    assert short == long == values[1] == 0
    assert values[0].item() == pytest.approx(-1.6e-15, rel=0.05)


def test_expression_and_operator_differ():
    chunks = [torch.linspace(-40, 40, 301)]
    subjects = [
        expression_subject("sigmoid", parse("1/(1 + exp(-x))"), "sigmoid"),
        operator_subject("sigmoid", parse("sigmoid(x)")),
    ]
    frame = accuracy_table(subjects, "float32", chunks, [1]).set_index(["function", "method"])
    assert frame.loc[("sigmoid", "reverse_mode"), "max_ulp_error"] < 10
    assert frame.loc[("torch.sigmoid", "reverse_mode"), "max_ulp_error"] > 1e6
    assert numpy.isnan(frame.loc[("sigmoid", "reverse_mode"), "first_lost_x"])
