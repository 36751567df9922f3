import numpy
import pytest
import torch
from project import CONFIGURATION

from autodiff_pipeline.derivatives.step_sizes import (
    SCHEMES,
    STEPS,
    _short_numbers,
    step_size_tables,
)
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES

SMOOTH = {
    name: function
    for name, function in CONFIGURATION["derivatives"]["functions"].items()
    if function.get("step_sizes")
}


def tables_of(name, dtype):
    function = SMOOTH[name]
    return step_size_tables(name, parse(function["expression"]), function["interval"], dtype)


@pytest.fixture(scope="module", params=["tanh", "composite"])
def tables(request):
    return tables_of(request.param, "float64")


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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SMOOTH)
def test_what_is_measured_of_the_default_functions_is_what_theory_says(name, dtype):
    _, optima = tables_of(name, dtype)
    for branch in ("truncation", "roundoff"):
        measured = optima.dropna(subset=f"{branch}_slope")
        numpy.testing.assert_allclose(
            measured[f"{branch}_slope"], measured[f"{branch}_order"], atol=0.05
        )
    ratio = (optima["predicted_step"] / optima["observed_step"]).dropna()
    assert ratio.between(1 / 3, 3).all()
    if dtype == "float64":  # where branches are long
        assert optima["truncation_slope"].notna().sum() >= 2


def test_a_parabola_has_no_truncation_in_central_differences():
    optima = step_size_tables("parabola", parse("x**2 - x"), (-5.0, 5.0), "float64")[1]
    slopes = optima.set_index("scheme")["truncation_slope"]
    assert slopes["forward_difference"] == pytest.approx(1, abs=0.01)
    assert numpy.isnan(slopes["central_difference"])


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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "interval",
    [
        (-5.0, 5.0),
        (1e5, 1e5 + 1),
        (1.0, 1.0001),
        (1.0, 1.0000000000000002),
        (-1e308, 1e308),
        (-1e-322, 1e-322),
        (0.0, 5e-324),
    ],
)
def test_every_point_is_a_number_of_the_dtype(interval, dtype):
    grid = _short_numbers(interval, dtype)
    assert torch.equal(grid.to(DTYPES[dtype]).double(), grid)
    assert grid.numel() <= 1003
    assert grid.numel()
    assert ((grid >= interval[0]) & (grid <= interval[1])).all()
    assert (grid.diff() > 0).all()


def test_truth_is_that_of_the_points_themselves():
    # In float32 there are 129 numbers in the interval; the slope of x**2/2 there is the number.
    optima = step_size_tables("square", parse("x**2/2"), (1e5, 1e5 + 1), "float32")[1]
    assert optima.set_index("scheme").loc["complex_step", "floor"] == 0


def test_points_that_are_undefined_are_left_out():
    steps, optima = step_size_tables("log", parse("log(x)"), (-1, 1), "float64")
    assert len(steps) == len(SCHEMES) * len(STEPS)
    assert optima["floor"].notna().all()
    empty = step_size_tables("log", parse("log(x)"), (1e-320, 1e-319), "float32")
    assert [len(frame) for frame in empty] == [0, 0]
