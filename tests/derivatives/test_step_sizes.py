import numpy
import pytest

from autodiff_pipeline.derivatives.step_sizes import SCHEMES, STEPS, step_size_tables
from autodiff_pipeline.expressions.grammar import parse

FUNCTIONS = {"tanh": ("tanh(x)", (-5.0, 5.0)), "composite": ("exp(-x**2/8)*sin(3*x)", (-5.0, 5.0))}


@pytest.fixture(scope="module", params=FUNCTIONS)
def tables(request):
    text, interval = FUNCTIONS[request.param]
    return step_size_tables(request.param, parse(text), interval, "float64")


def test_a_row_for_every_scheme_and_step(tables):
    steps, optima = tables
    assert len(steps) == len(SCHEMES) * len(STEPS)
    assert list(optima["scheme"]) == list(SCHEMES)


def test_slopes_are_those_of_theory(tables):
    optima = tables[1].set_index("scheme")
    numpy.testing.assert_allclose(optima["truncation_slope"], optima["truncation_order"], atol=0.05)
    subtracting = optima.drop(index="complex_step")
    numpy.testing.assert_allclose(
        subtracting["roundoff_slope"], subtracting["roundoff_order"], atol=0.05
    )


def test_the_best_step_is_predicted_within_a_factor_three(tables):
    ratio = tables[1]["predicted_step"] / tables[1]["observed_step"]
    assert ratio.between(1 / 3, 3).all()


def test_the_complex_step_has_no_roundoff_branch(tables):
    steps = tables[0][tables[0]["scheme"] == "complex_step"]
    assert steps[steps["step"] < 1e-9]["max_absolute_error"].max() < 1e-14


def test_the_floor_is_the_smallest_error(tables):
    floors = tables[0].groupby("scheme")["max_absolute_error"].min()
    assert floors.to_dict() == tables[1].set_index("scheme")["floor"].to_dict()


def test_a_scheme_torch_does_not_serve_and_a_step_out_of_the_domain():
    erf = step_size_tables("erf", parse("erf(x)"), (-3, 3), "float32")[1].set_index("scheme")
    assert numpy.isnan(erf.loc["complex_step", "floor"])
    log = step_size_tables("log", parse("log(x)"), (0.1, 4), "float32")[0]
    assert log["max_absolute_error"].max() == numpy.inf
