"""The figures of the derivatives stage, from small frames; what they show is read back."""

import io

import numpy
import pytest
import torch
from numpy.testing import assert_allclose
from pandas import DataFrame

from autodiff_pipeline.derivatives.atlas import atlas
from autodiff_pipeline.derivatives.point_table import point_table
from autodiff_pipeline.derivatives.subject import expression_subject
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.figures import (
    derivative_atlas,
    derivative_step_sizes,
    derivative_systems,
    derivative_ulp,
    tanh_derivative,
)
from autodiff_pipeline.numbers.ranks import DTYPES, even_points

WIDTHS = ["float16", "float32", "float64"]


@pytest.fixture(scope="module")
def tanh():
    return atlas(
        "tanh",
        expression=parse("tanh(x)"),
        interval=(-5, 5),
        range=(-30, 30),
        operator="tanh",
        kinks=(),
        systems=["torch"],
        dtypes=["float32", "float64"],
        sampled_dtypes=["float32", "float64"],
        orders=[1],
        points=21,
        samples=20,
        generators={name: torch.Generator().manual_seed(1) for name in DTYPES},
    )


def test_tanh_derivative_overlays_the_derivatives_and_shows_their_difference(tanh):
    above, below = tanh_derivative.draw(tanh.points, expression="tanh(x)").axes
    function, exact, automatic = above.get_lines()
    assert_allclose(function.get_ydata(), numpy.tanh(function.get_xdata()), rtol=1e-12)
    assert_allclose(exact.get_ydata(), 1 / numpy.cosh(exact.get_xdata()) ** 2, rtol=1e-12)
    assert_allclose(automatic.get_ydata(), exact.get_ydata(), atol=1e-15)
    single, double = (numpy.asarray(line.get_ydata()) for line in below.get_lines())
    assert 1e-9 < numpy.nanmax(single) < 1e-6
    assert 1e-18 < numpy.nanmax(double) < 1e-15


def test_derivative_atlas_has_a_cell_for_what_is_available(tanh):
    figure = derivative_atlas.draw(tanh.accuracy, **SHOWN)
    assert [axes.get_title() for axes in figure.axes] == ["float32, order 1", "float64, order 1"]
    for axes, dtype in zip(figure.axes, ("float32", "float64"), strict=True):
        frame = tanh.accuracy[tanh.accuracy["dtype"] == dtype]
        cells = axes.collections[0].get_array()
        assert cells.count() == (frame["points"] > 0).sum()
        assert cells.mask.sum() == (frame["points"] == 0).sum()
        assert len(axes.collections[1].get_offsets()) == (frame["lost_points"] > 0).sum()


SHOWN = {"family": "hyperbolic", "functions": [*"abcd", "tanh"], "operators": ["tanh"]}
CELL = {
    "system": "torch",
    "method": "m",
    "dtype": "float32",
    "order": 1,
    "points": 9,
    "lost_points": 0,
    "max_absolute_error_at_zero": numpy.nan,
}


def test_derivative_atlas_calls_four_ulp_right_and_more_not():
    rows = {"function": list("abcd"), "max_ulp_error": [0.0, 4.0, 4.001, numpy.inf]}
    frame = DataFrame({**rows, **CELL})
    figure = derivative_atlas.draw(frame, **SHOWN)
    figure.savefig(io.BytesIO())
    mesh = figure.axes[0].collections[0]
    colours = [tuple(colour) for colour in mesh.get_facecolors()]
    assert colours[0] == colours[1] != colours[2] != colours[3]


def test_derivative_systems_has_a_row_for_an_operator_and_a_column_for_a_system():
    names = [("tanh", "torch"), ("torch.tanh", "torch"), ("jax.tanh", "jax"), ("f", "torch")]
    frame = DataFrame(names, columns=["function", "system"])
    frame["max_ulp_error"] = [9e9, 2.0, 100.0, 2.0]  # the first is an expression for tanh
    frame = frame.assign(**{**CELL, "system": frame["system"], "method": "reverse_mode"})
    figure = derivative_systems.draw(frame, families={"hyperbolic": ["tanh"], "composition": ["f"]})
    (axes,) = figure.axes
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["hyperbolic:", "tanh", "composition:", "f"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["torch", "jax"]
    cells = axes.collections[0].get_array()
    assert cells[1].tolist() == [2.0, 100.0]
    assert cells[3].tolist() == [2.0, None]  # JAX was not asked
    assert cells.mask[[0, 2]].all()


def test_derivative_ulp_shades_what_is_lost(tanh):
    figure = derivative_ulp.draw(tanh.curves, tanh.points, expression="tanh(x)")
    for axes, edge in zip(figure.axes, (9.01, 19.06), strict=True):
        shaded = numpy.concatenate(
            [path.vertices[:, 0] for path in axes.collections[0].get_paths()]
        )
        assert abs(shaded).min() == pytest.approx(edge, abs=0.2)
        assert len(axes.get_lines()) == 5  # four methods and the line of 4 ulp
        stable = next(line for line in axes.get_lines() if line.get_label() == "stable rule")
        assert max(stable.get_ydata()) <= 5


def test_derivative_ulp_without_a_wide_range(tanh):
    figure = derivative_ulp.draw(tanh.curves.iloc[:0], tanh.points, expression="tanh(x)")
    assert len(figure.axes) == 2


def test_derivative_step_sizes_draws_theory_through_the_predicted_step(tanh):
    figure = derivative_step_sizes.draw(tanh.step_sizes, tanh.optima, expression="tanh(x)")
    axes = figure.axes[1]
    dashed = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
    starts = {float(line.get_xdata()[0]) for line in dashed}
    optima = tanh.optima[tanh.optima["dtype"] == "float64"]
    assert starts == set(optima["predicted_step"])
    central = optima.set_index("scheme").loc["central_difference"]
    assert central["observed_step"] == pytest.approx(central["predicted_step"], rel=2)


def test_derivative_step_sizes_without_any():
    empty = DataFrame(columns=["function", "dtype", "scheme", "step", "max_absolute_error"])
    figure = derivative_step_sizes.draw(empty, empty, expression="relu(x)")
    assert "finite differences of relu(x)" in figure.texts[0].get_text()


def test_derivative_atlas_where_the_truth_is_nothing_but_zero():
    rows = {"function": list("abc"), "max_ulp_error": [1.0, numpy.nan, numpy.nan]}
    frame = DataFrame({**CELL, **rows, "max_absolute_error_at_zero": [1e-20, 0.0, 3.0]})
    figure = derivative_atlas.draw(frame, **SHOWN)
    figure.savefig(io.BytesIO())
    mesh, _, circles = figure.axes[0].collections
    colours = [tuple(colour) for colour in mesh.get_facecolors()]
    assert colours[0] == colours[1] != colours[2]
    assert circles.get_offsets()[:, 1].tolist() == [0.5, 2.5]


@pytest.mark.parametrize(
    ("expression", "interval"),
    [
        ("2**x", (0, 1024)),
        ("abs(x)", (-1.79e308, 1.79e308)),
        ("x**2", (-1e-322, 1e-322)),
        ("1/x", (-1, 1)),
    ],
)
def test_figures_of_extreme_functions_are_drawn(expression, interval):
    subject = expression_subject("f", parse(expression))
    points = point_table(
        subject,
        {dtype: even_points(*interval, DTYPES[dtype], 11) for dtype in WIDTHS},
        [1],
    )
    for figure in (
        tanh_derivative.draw(points, expression=expression),
        derivative_ulp.draw(points.iloc[:0], points, expression=expression),
    ):
        figure.savefig(io.BytesIO(), format="svg")


def test_figures_of_a_function_without_points():
    nowhere = {"float16": even_points(1e5, 1e6, torch.float16, 11)}
    none = point_table(expression_subject("f", parse("x")), nowhere, [1])
    tanh_derivative.draw(none, expression="x").savefig(io.BytesIO())
    derivative_ulp.draw(none, none, expression="x").savefig(io.BytesIO())
