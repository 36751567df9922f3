import numpy
import pytest

from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.minimization import network_problem, polynomial_problem, trace
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


def test_the_polynomial_reaches_the_least_squares_answer():
    problem, closed_form = polynomial_problem(DATA, input_scale=10.0)
    c2, c1, c0 = numpy.polyfit(DATA.x.numpy(), DATA.y.numpy(), 2)
    assert [closed_form[name] for name in ("c0", "c1", "c2")] == pytest.approx(
        [c0, c1, c2], rel=1e-9
    )
    frame = trace(problem, learning_rate=0.1, epochs=400).set_index(["epoch", "quantity"])
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
    frame = trace(network_problem(DATA, start), learning_rate=1e-3, epochs=100)
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
    wrong = problem._replace(
        by_hand=lambda p: (1.01 * problem.by_hand(p)[0], problem.by_hand(p)[1])
    )
    frame = trace(wrong, learning_rate=0.1, epochs=5)
    assert frame["difference"].abs().max() > 1e-3
