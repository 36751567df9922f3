"""Every figure is drawn from small frames; what it shows is read back from its axes."""

import io

import matplotlib
import numpy
import pandas
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from pandas import DataFrame

from autodiff_pipeline.figures import (
    benchmark,
    benchmark_truth,
    comparisons,
    convergence,
    data,
    error_decomposition,
    excess_risk,
    fits,
    held_out_loss,
    lesson,
    measurements,
    minimization,
    seeds,
    sharpness,
)

OPTIMIZERS = ["gradient_descent", "adam"]
HIDDEN_SIZES = [1, 5, 10, 20, 50]
BASELINES = DataFrame(
    {
        "baseline": ["straight_line", "quadratic", "noise_floor"],
        "median": [50.0, 0.01, 0.0],
        "interquartile_mean": [49.0, 0.25, 0.0],
        "train_loss": [60.0, 3.75, 4.0],
        "measure": "excess_risk",
    }
)


UNITS = {axis: {"name": axis, "mean": 0.0, "standard_deviation": 1.0} for axis in "xy"}


def by_group(frame):
    return pandas.concat(
        frame.assign(hidden_size=hidden_size, optimizer=optimizer)
        for hidden_size in HIDDEN_SIZES
        for optimizer in OPTIMIZERS
    )


@pytest.fixture
def samples():
    x = numpy.linspace(-20, 20, 50)
    return DataFrame({"x": x, "y": 1 + x + 1, "y_true": 1 + x})


@pytest.fixture
def networks():
    stream = numpy.random.default_rng(0)
    frame = by_group(
        DataFrame({"data_seed": [0, 0, 1, 1], "init_seed": [0, 1, 0, 1], "status": "trained"})
    )
    return frame.assign(excess_risk=stream.lognormal(size=len(frame)))


def title(axes):
    return axes.get_title()


def test_data_shows_every_sample_and_the_model(samples):
    [axes] = data.draw(samples, true_model="1 + x", noise_scale=2.0).axes
    assert len(axes.collections[0].get_offsets()) == len(samples)
    [line] = axes.get_lines()
    numpy.testing.assert_allclose(line.get_ydata(), samples["y_true"])
    assert "1 + x" in line.get_label()


def test_convergence_has_a_panel_a_hidden_size_and_a_line_an_optimizer():
    frame = by_group(
        DataFrame(
            {"epoch": [0, 1, 10], "networks": 4, "median": [9.0, 8.0, 5.0], "q25": 4.0, "q75": 9.5}
        )
    )
    figure = convergence.draw(frame, BASELINES)
    shown = [axes for axes in figure.axes if axes.axison]
    assert [title(axes) for axes in shown] == [
        "1 hidden unit",
        *(f"{size} hidden units" for size in HIDDEN_SIZES[1:]),
    ]
    for axes in shown:
        *medians, straight_line, quadratic, floor = axes.get_lines()
        assert len(medians) == len(OPTIMIZERS)
        assert medians[0].get_ydata().tolist() == [9.0, 8.0, 5.0]
        assert [line.get_ydata()[0] for line in (straight_line, quadratic, floor)] == [60, 3.75, 4]
    labels = [{text.get_text() for text in axes.texts} for axes in shown]
    assert [bool(texts) for texts in labels] == [False, False, True, False, False]  # of a full row
    assert labels[2] == {"straight line", "quadratic", "noise variance"}


def test_fits_show_the_truth_in_every_panel(samples):
    frame = by_group(
        DataFrame(
            {
                "x": [-1.0, 0.0, 1.0],
                "y_true": [0.0, 1.0, 2.0],
                "median": 1.0,
                "q05": 0.0,
                "q95": 2.0,
            }
        )
    )
    for axes in fits.draw(frame, samples, units=UNITS).axes[: len(HIDDEN_SIZES)]:
        assert axes.get_lines()[-1].get_ydata().tolist() == [0.0, 1.0, 2.0]
        assert axes.get_lines()[-1].get_label() == "true model"


def test_measurements_are_drawn_in_the_units_of_their_file(samples):
    units = {
        "x": {"name": "year", "mean": 2005.0, "standard_deviation": 0.5},
        "y": {"name": "height", "mean": -1e-9, "standard_deviation": 1e-9},
    }
    parts = {"training": samples[::2], "held_out": samples[1::2]}
    [axes] = measurements.draw(**parts, units=units).axes
    for drawn, part in zip(axes.collections, parts.values(), strict=True):
        expected = numpy.column_stack([2005 + part["x"] / 2, (part["y"] - 1) * 1e-9])
        numpy.testing.assert_allclose(drawn.get_offsets(), expected)
    grid = DataFrame({"x": [1995.0, 2015.0], "median": 0.0, "q05": 0.0, "q95": 0.0})
    panel, *_ = fits.draw(by_group(grid), samples, units=units).axes
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("", "height")
    curves = {line.get_label(): line.get_ydata() for line in panel.get_lines()}
    assert "true model" not in curves
    fitted = [(1 - 20 + 1 - 1) * 1e-9, (1 + 20 + 1 - 1) * 1e-9]  # y = x + 2, at x = -20 and 20
    numpy.testing.assert_allclose(curves["quadratic fitted to these points"], fitted)


def test_minimization_shows_both_losses_and_hides_no_difference():
    frame = DataFrame(
        {
            "problem": ["polynomial"] * 3 + ["network"] * 3,
            "epoch": [0, 1, 2] * 2,
            "loss_automatic": [9.0, 8.0, 7.0] * 2,
            "loss_by_hand": [9.0, 8.0, 6.5] * 2,
            "loss_difference": [0.0, 0.0, 0.5] * 2,
            "max_parameter_difference": [0.0, 0.1, 0.2] * 2,
        }
    )
    for dtype in ("float32", "float64"):
        frame[f"crossings_automatic_{dtype}"] = [0, 3, 9] * 2
        for gradient in ("by_hand", "moments"):
            frame[f"ulp_{gradient}_{dtype}"] = [0.0, 0.0, 4.0] * 2
            frame[f"apart_{gradient}_{dtype}"] = [0, 0, gradient == "moments"] * 2
    trace = DataFrame(
        {"problem": ["polynomial", "network"], "quantity": "loss", "closed_form": [4.0, numpy.nan]}
    )
    figure = minimization.draw(frame, trace, noise_scale=2.0)
    losses, _, apart, differences, _, passed = figure.axes
    assert [line.get_label() for line in losses.get_lines()] == [
        "loss, automatic gradient",
        "loss, gradient by hand",
        "noise variance",
        "least squares, in closed form",
    ]
    numpy.testing.assert_equal(differences.get_lines()[0].get_ydata(), [numpy.nan, numpy.nan, 0.5])
    numpy.testing.assert_equal(apart.get_lines()[0].get_ydata(), [numpy.nan, numpy.nan, 4.0])
    crosses = [line.get_xydata().tolist() for line in apart.get_lines() if line.get_marker() == "x"]
    assert crosses == [[[3.0, 4.0]]] * 2  # epoch + 1, of moments in either precision
    assert passed.get_lines()[1].get_ydata().tolist() == [0, 3, 9]


def test_excess_risk_shows_every_network(networks):
    networks.loc[networks["hidden_size"] == 50, "status"] = "diverged"
    [axes] = excess_risk.draw(networks, BASELINES).axes
    points = len(axes.collections[0].get_offsets())
    assert points == (networks["status"] == "trained").sum()
    assert any("4 diverged" in line.get_label() for line in axes.get_lines())
    lines = [line.get_ydata()[0] for line in axes.get_lines() if len(line.get_ydata())]
    assert lines == [50.0, 0.01, 4.0]
    assert [text.get_text() for text in axes.texts] == [
        "straight line",
        "quadratic",
        "noise variance",
    ]


def test_held_out_loss_shows_every_network_and_no_noise(networks):
    measured = networks.rename(columns={"excess_risk": "held_out_loss"})
    figure = held_out_loss.draw(measured, BASELINES[:2])
    [axes] = figure.axes
    assert len(axes.collections[0].get_offsets()) == len(networks)
    assert "held-out loss" in axes.get_ylabel()
    assert "noise" not in " ".join(text.get_text() for text in figure.findobj(Text))
    assert seeds.draw(measured).axes[-1].get_ylabel() == "held-out loss"


def test_seeds_show_every_network(networks):
    networks.loc[networks.index == 3, "status"] = "diverged"
    first, _, colourbar = seeds.draw(networks).axes
    values = first.collections[0].get_array()
    assert values.shape == (len(HIDDEN_SIZES), 4)
    assert numpy.ma.getmaskarray(numpy.ma.masked_invalid(values)).sum() == len(HIDDEN_SIZES)
    assert colourbar.get_ylabel() == "excess risk"


def test_sharpness_shows_the_bound_and_who_diverged():
    row = {"epoch": 0, "networks": 2, "median": 9.0, "q25": 8.0, "q75": 10.0, "largest": 11.0}
    frame = DataFrame(
        [
            {"hidden_size": 1, "status": "trained", **row},
            {"hidden_size": 5, "status": "trained", **row},
            {"hidden_size": 5, "status": "diverged", **row, "median": 90.0},
        ]
    )
    figure = sharpness.draw(frame, learning_rate=0.1)
    for axes, values in zip(figure.axes, ([9.0, 9.0, 90.0], [11.0, 11.0, 11.0]), strict=True):
        drawn = [line for line in axes.get_lines() if line.get_gid()]
        assert sorted(line.get_ydata()[0] for line in drawn) == values
        assert {line.get_gid() for line in drawn if line.is_dashed()} == {"H = 5"}
        assert {text.get_text() for text in axes.texts} == {"H = 1", "H = 5"}
        bound = next(line for line in axes.get_lines() if "2 /" in str(line.get_label()))
        assert bound.get_ydata()[0] == pytest.approx(20.0)
    [legend] = figure.legends
    assert {text.get_text() for text in legend.get_texts()} == {
        "networks that trained",
        "networks that diverged",
        "2 / learning rate: unstable above",
    }


def trace_of(x, y, epochs):
    """The trace of a network of two units that do not move, and its curve at x."""
    parameters = {"w0": 1.0, "w1": -2.0, "b0": 0.5, "b1": 1.0, "v0": 3.0, "v1": 0.25, "c0": -1.0}
    curve = 3 * numpy.maximum(x + 0.5, 0) + 0.25 * numpy.maximum(1 - 2 * x, 0) - 1
    loss = numpy.mean((curve - y) ** 2)
    rows = [
        {"problem": "network", "epoch": epoch, "quantity": name, "automatic": value}
        for epoch in epochs
        for name, value in {"loss": loss, **parameters}.items()
    ]
    frame = DataFrame(rows)
    return frame.assign(by_hand=frame["automatic"]), curve


def test_lesson_shows_the_network_of_four_epochs_by_both_gradients(samples):
    x = samples["x"].to_numpy()
    trace, curve = trace_of(x, samples["y"], [0, 1, 2, 9, 10, 31, 99, 300, 999])
    figure = lesson.draw(trace, samples, true_model="1 + x", noise_scale=2.0, units=UNITS)
    left, right = figure.axes
    *curves, truth = left.get_lines()
    assert [line.get_label() for line in curves[1::2]] == [
        "before training",
        "after 9 epochs",
        "after 99 epochs",
        "after 999 epochs",
    ]
    assert len(curves) == 8
    for line in curves:
        at_samples = numpy.interp(x, line.get_xdata(), line.get_ydata())
        numpy.testing.assert_allclose(at_samples, curve, atol=0.2)  # off at the kinks only
        assert line.get_ydata()[0] == pytest.approx(curve[0])
    numpy.testing.assert_allclose(truth.get_ydata(), samples["y_true"])
    automatic, by_hand, *marks, floor = right.get_lines()
    assert automatic.get_ydata()[0] == by_hand.get_ydata()[0]
    assert len(marks) == 4
    assert floor.get_ydata()[0] == 4.0


def decomposition(optimization):
    return by_group(DataFrame([{"approximation": 1.0, "estimation": 0.5, **optimization}]))


@pytest.mark.parametrize("optimization", [2.0, -0.25])
def test_error_decomposition_stacks_the_terms(optimization):
    frame = decomposition({"optimization": optimization, "excess_risk": 1.5 + optimization})
    figure = error_decomposition.draw(frame, BASELINES)
    shown = [axes for axes in figure.axes if axes.axison]
    assert len(shown) == len(HIDDEN_SIZES)
    for axes in shown:
        ends = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in axes.patches]
        last = (1.5, 3.5) if optimization > 0 else (0, -0.25)
        assert ends == [(0, 1)] * 2 + [(1, 1.5)] * 2 + [last] * 2
        assert {text.get_text() for text in axes.texts} == {f"{1.5 + optimization:.2g}"}
        assert axes.get_lines()[1].get_ydata()[0] == 0.25  # after the axis at 0


def test_error_decomposition_says_who_diverged():
    frame = decomposition({"optimization": numpy.inf, "excess_risk": numpy.inf})
    figure = error_decomposition.draw(frame, BASELINES)
    assert {text.get_text() for text in figure.axes[0].texts} == {"diverged"}
    figure.savefig(io.BytesIO())


def test_comparisons_show_every_pair_both_ways():
    rows = [
        (1, "adam", 5, "adam", 0.25, 0.1, 0.4),
        (1, "adam", 1, "momentum", 0.6, 0.4, 0.8),
        (5, "adam", 1, "momentum", 0.75, numpy.nan, numpy.nan),
    ]
    names = "hidden_size optimizer other_hidden_size other_optimizer probability ci_low ci_high"
    figure = comparisons.draw(DataFrame(rows, columns=names.split()))
    axes = figure.axes[0]
    cells, uncertain = axes.collections
    numpy.testing.assert_equal(
        numpy.ma.filled(cells.get_array().astype(float), numpy.nan),
        [[numpy.nan, 0.25, 0.6], [0.75, numpy.nan, 0.75], [0.4, 0.25, numpy.nan]],
    )
    dots = {tuple(map(int, place)) for place in uncertain.get_offsets()}  # column, row
    assert dots == {(2, 0), (0, 2), (2, 1), (1, 2)}
    labels = [label.get_text() for label in axes.get_xticklabels()]
    assert labels == ["1", "5", "1"]
    blocks = [label.get_text() for label in axes.get_xticklabels(minor=True)]
    assert blocks == ["adam", "momentum"]


def test_benchmark_shows_every_engine_in_three_panels():
    cases = [("relu", 1, 1000), ("relu", 20, 1000), ("relu", 20, 10000), ("tanh", 20, 1000)]
    frame = DataFrame(
        [
            (engine, activation, networks, samples, 10, networks + samples)
            for activation, networks, samples in cases
            for engine in ("moments", "dense", "peer")
            if (engine, activation) != ("moments", "tanh")
        ],
        columns=["engine", "activation", "networks", "samples", "hidden_size", "microseconds"],
    )
    figure = benchmark.draw(frame, samples=1000, few_networks=20)
    by_networks, by_samples, tanh = figure.axes
    shown = {line.get_label(): line for line in by_networks.get_lines()}
    assert list(shown["dense"].get_xdata()) == [1, 20]
    assert list(by_samples.get_lines()[0].get_ydata()) == [1020, 10020]
    colours = [
        {line.get_label(): line.get_color() for line in axes.get_lines()} for axes in figure.axes
    ]
    assert colours[0] == colours[1] == colours[2]
    assert len(tanh.get_lines()[0].get_xdata()) == 0


def test_building_pieces_is_shared_by_the_points_and_orders():
    columns = "contestant function order dtype points microseconds preparation_seconds".split()
    rows = [
        ("truth by pieces", "tanh", 2, "float32", 1000, 0.04, 0.01),
        ("truth at points", "tanh", 2, "float32", 500, 8.0, 0.0),
    ]
    (axes,) = benchmark_truth.draw(DataFrame(rows, columns=columns)).axes
    shown, hollow = axes.get_lines()
    assert list(shown.get_xdata()) == [40, 8000]
    assert list(hollow.get_xdata()) == [40 + 1e9 * 0.01 / 1000 / 2]
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert [labels[int(y)] for y in shown.get_ydata()] == ["truth by pieces", "truth at points"]


def test_figures_are_drawn_when_every_network_diverged(networks):
    networks["status"] = "diverged"
    networks["excess_risk"] = numpy.inf
    for figure in (excess_risk.draw(networks, BASELINES), seeds.draw(networks)):
        figure.savefig(io.BytesIO())


def test_drawing_leaves_the_global_settings_alone(networks):
    before = dict(matplotlib.rcParams)
    figure = seeds.draw(networks)
    assert isinstance(figure, Figure)
    assert dict(matplotlib.rcParams) == before
