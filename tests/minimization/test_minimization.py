import numpy
import pytest
import torch
from pandas import concat

from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.minimization.descent import AT_ONCE, descents, trace
from autodiff_pipeline.minimization.problems import network_problem, polynomial_problem
from autodiff_pipeline.minimization.trajectories import active_points, crossings, growth
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.randomness import generator

DATA = draw(
    generator(1, "data", 0),
    true_model="2 + 0.5*x - 0.05*x**2",
    samples=500,
    input_scale=10.0,
    noise_scale=2.0,
)


def traced(problem, *, learning_rate, epochs):
    stretches = descents(problem, learning_rate=learning_rate, epochs=epochs)
    return concat([trace(problem, stretch, epochs=epochs) for stretch in stretches])


def test_the_polynomial_reaches_the_least_squares_answer():
    problem, closed_form = polynomial_problem(DATA, input_scale=10.0)
    c2, c1, c0 = numpy.polyfit(DATA.x.numpy(), DATA.y.numpy(), 2)
    assert [closed_form[name] for name in ("c0", "c1", "c2")] == pytest.approx(
        [c0, c1, c2], rel=1e-9
    )
    frame = traced(problem, learning_rate=0.1, epochs=400).set_index(["epoch", "quantity"])
    for quantity, expected in closed_form.items():
        assert frame.loc[(400, quantity), "automatic"] == pytest.approx(expected, rel=1e-10)
        assert frame.loc[(400, quantity), "by_hand"] == pytest.approx(expected, rel=1e-10)


def test_the_closed_form_does_not_depend_on_where_memory_lies():
    elsewhere, answers = [], set()
    for size in range(100, 20_000, 100):
        elsewhere.append(bytearray(size))  # moves whatever is allocated next
        answers.add(tuple(polynomial_problem(DATA, input_scale=10.0)[1].values()))
    assert len(answers) == 1


def test_the_two_derivatives_take_the_same_path_from_the_same_start():
    start = Parameters(*(value[0, 0] for value in initial_parameters(1, [0], [0], 10)))
    frame = traced(network_problem(DATA, start), learning_rate=1e-3, epochs=100)
    first = frame[frame["epoch"] == 0]
    assert list(first["quantity"]) == [
        "loss",
        *(f"{name}{index}" for name in "wbv" for index in range(10)),
        "c0",
    ]
    assert (first["difference"] == 0).all()
    losses = frame[frame["quantity"] == "loss"]
    assert losses["automatic"].iloc[-1] < 0.5 * losses["automatic"].iloc[0]
    # two runs, not one copied: rounding differs somewhere, and only rounding
    assert 0 < frame["difference"].abs().max() < 1e-12
    assert (frame["difference"] == frame["automatic"] - frame["by_hand"]).all()


def test_a_wrong_derivative_would_be_seen():
    problem, _ = polynomial_problem(DATA, input_scale=10.0)
    by_hand = problem.gradients["by_hand"]

    def too_long(coefficients):
        gradient, loss = by_hand(coefficients)
        return 1.01 * gradient, loss

    wrong = problem._replace(gradients={**problem.gradients, "by_hand": too_long})
    frame = traced(wrong, learning_rate=0.1, epochs=5)
    assert frame["difference"].abs().max() > 1e-3


def small_network(dtype=torch.float64, hidden_size=3, samples=40):
    start = Parameters(*(v[0, 0].to(dtype) for v in initial_parameters(1, [0], [0], hidden_size)))
    data = DATA._replace(x=DATA.x[:samples].to(dtype), y=DATA.y[:samples].to(dtype))
    return network_problem(data, start), data, start


def test_a_long_run_goes_on_where_each_stretch_ends():
    problem, _, _ = small_network()
    epochs = AT_ONCE + 2
    first, second = descents(problem, learning_rate=1e-3, epochs=epochs)
    assert (first.first, second.first) == (0, AT_ONCE)
    assert set(first.paths) == {"automatic", "by_hand", "moments"}
    for name, path in second.paths.items():
        assert torch.equal(path.parameters[0], first.paths[name].parameters[-1])
        gradient, loss = problem.gradients[name](path.parameters[1])
        assert torch.equal(path.parameters[2], path.parameters[1] - 1e-3 * gradient)
        assert path.losses[1] == loss
    logged = traced(problem, learning_rate=1e-3, epochs=epochs)["epoch"].unique()
    assert len(logged) == len(set(logged))
    assert logged[[0, -1]].tolist() == [0, epochs]


def followed(problem, data, start, *, learning_rate, epochs):
    """Growth and crossings, and the activity of every unit at every point, counted one by one."""
    (stretch,) = descents(problem, learning_rate=learning_rate, epochs=epochs)
    active = active_points(stretch, start, data.x)
    hidden_size = len(start.w)
    on = {
        name: torch.stack(
            [
                row[:hidden_size, None] * data.x + row[hidden_size : 2 * hidden_size, None] > 0
                for row in path.parameters
            ]
        )
        for name, path in stretch.paths.items()
    }
    return stretch, growth(stretch, active), crossings(stretch, active), on


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_crossings_are_counted_as_by_looking_at_every_point(dtype):
    stretch, grown, crossed, on = followed(*small_network(dtype), learning_rate=2e-3, epochs=60)
    for name, pattern in on.items():
        changed = (pattern[1:] != pattern[:-1]).sum(2)  # (epochs, units)
        assert changed.sum() > 0
        run = grown[grown["gradient"] == name]
        assert run["crossings"].tolist() == [0, *changed.sum(1).tolist()]
        apart = (pattern != on["automatic"]).sum((1, 2))
        assert run["points_apart"].tolist() == apart.tolist()
        one_by_one = crossed[crossed["gradient"] == name]
        found = {tuple(row) for row in one_by_one[["epoch", "unit", "points"]].to_numpy().tolist()}
        places = changed.nonzero().tolist()
        assert found == {(e + 1, h, int(changed[e, h])) for e, h in places}
    difference = stretch.paths["moments"].parameters - stretch.paths["automatic"].parameters
    largest = numpy.abs(stretch.paths["automatic"].parameters.numpy()).max(1)
    ulp = difference.abs().numpy().max(1) / numpy.spacing(largest)
    assert grown.loc[grown["gradient"] == "moments", "ulp"].tolist() == ulp.tolist()
