"""The nearest kink of ReLU networks, a stencil on both sides of it, and gradcheck's alarms."""

from fractions import Fraction

import pytest
import torch
from pandas import DataFrame

from autodiff_pipeline.gradients.kinks.gradcheck import false_alarms
from autodiff_pipeline.gradients.kinks.stencil import (
    Line,
    five_point_slopes,
    plain_slopes,
    slopes,
)
from autodiff_pipeline.gradients.kinks.survey import REACHES, kink_profile, kink_survey
from autodiff_pipeline.networks.network import Parameters, mean_squared_error
from autodiff_pipeline.tables.gradient_kinks import gradient_kinks


def drawn(networks, hidden_size, samples, seed=3):
    stream = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(shape, generator=stream, dtype=torch.float64)

    shape = (networks, hidden_size)
    first, second = (
        Parameters(normal(*shape), normal(*shape), normal(*shape), normal(networks))
        for _ in range(2)
    )
    return Line(first, second, 10 * normal(networks, samples), normal(networks, samples))


def moved(line, h):
    return Parameters(*(p + h * d for p, d in zip(line.parameters, line.direction, strict=True)))


def active(line, k, h):
    """Which units of network k are active at which points, after a step h."""
    w, b, _, _ = moved(line, h)
    return w[k][:, None] * line.x[k] + b[k][:, None] > 0


def test_no_unit_turns_on_or_off_nearer_than_predicted_and_one_does_there():
    line = drawn(20, 6, 40)
    for k, kink in enumerate(slopes(line).kink.tolist()):
        before = active(line, k, 0.0)
        for side in (-1, 1):
            assert torch.equal(active(line, k, 0.9999 * side * kink), before)
        flipped = [(active(line, k, 1.0001 * side * kink) != before).sum() for side in (-1, 1)]
        assert sorted(map(int, flipped)) == [0, 1]


def test_the_slope_is_that_of_automatic_differentiation():
    line = drawn(5, 6, 40)
    found = slopes(line).slope
    for k in range(5):
        at, along = (Parameters(*(p[k] for p in q)) for q in (line.parameters, line.direction))

        def loss(p, k=k):
            return mean_squared_error(p, line.x[k], line.y[k], torch.relu)

        _, slope = torch.func.jvp(loss, (at,), (along,))
        assert float(found[k]) == pytest.approx(float(slope), rel=1e-12)


def exact_stencil(line, step):
    """The stencil in fractions, of the first network."""
    w, b, v, c = ([Fraction(t) for t in p[0].reshape(-1).tolist()] for p in line.parameters)
    dw, db, dv, dc = ([Fraction(t) for t in p[0].reshape(-1).tolist()] for p in line.direction)
    x, y = ([Fraction(t) for t in values[0].tolist()] for values in (line.x, line.y))

    def loss(h):
        total = Fraction(0)
        for x_i, y_i in zip(x, y, strict=True):
            fit = c[0] + h * dc[0] - y_i
            for i in range(len(w)):
                fit += (v[i] + h * dv[i]) * max((w[i] + h * dw[i]) * x_i + b[i] + h * db[i], 0)
            total += fit**2
        return total / len(x)

    h = Fraction(step)
    return (loss(-2 * h) - 8 * loss(-h) + 8 * loss(h) - loss(2 * h)) / (12 * h)


@pytest.mark.parametrize("reach", [1e-6, 0.5, 0.99, 1.01, 3.0])
def test_the_stencil_is_that_of_exact_arithmetic(reach):
    line = drawn(1, 3, 7)
    known = slopes(line)
    steps = known.kink[:, None] * reach
    found, exact = five_point_slopes(line, steps), exact_stencil(line, float(steps / 2))
    assert float(found) == pytest.approx(float(exact), rel=1e-13)
    # and exact arithmetic sees the kink just where it is said to be
    slope = exact_stencil(line, 0.25 * float(known.kink))
    assert (abs(exact / slope - 1) > Fraction(1, 10**8)) == (reach > 1)
    assert float(plain_slopes(line, steps)) == pytest.approx(float(exact), rel=1e-5)


def gradcheck_alarms(parameters, x, y):
    """What torch's own gradcheck says of each network, one after another."""
    alarms = []
    for k in range(len(x)):
        values = [p[k].clone().requires_grad_() for p in parameters]

        def loss(*p, k=k):
            return mean_squared_error(Parameters(*p), x[k], y[k], torch.relu)

        alarms.append(not torch.autograd.gradcheck(loss, values, raise_exception=False))
    return alarms


@pytest.mark.parametrize("scale", [1.0, 1e6])  # at 1e6, rounding alone is more than is tolerated
def test_gradcheck_raises_its_alarm_where_it_is_predicted(scale):
    line = drawn(30, 4, 25)
    # a point whose distance from a kink is from far below to far above the step of gradcheck
    near = 10.0 ** torch.linspace(-9, -4, 30, dtype=torch.float64)
    w, b, v, c = line.parameters
    x = line.x.clone()
    x[:, 0] = (near - b[:, 1]) / w[:, 1]
    parameters = Parameters(w, b, scale * v, scale * c)
    expected = gradcheck_alarms(parameters, x, scale * line.y)
    assert 5 < sum(expected) <= 30
    assert (sum(expected) < 25) == (scale == 1.0)
    assert false_alarms(parameters, x, scale * line.y, 2**12).tolist() == expected


def test_every_trained_network_has_a_row_and_its_jump_is_bracketed():
    line = drawn(3, 4, 50)
    networks = DataFrame(
        {
            "data_seed": [0, 0, 1],
            "init_seed": [0, 1, 0],
            "status": ["trained", "diverged", "trained"],
        }
    )
    parameters = Parameters(*(p.clone() for p in line.parameters))
    parameters.w[1] = torch.nan
    frame = kink_survey(networks, parameters, line.x[:2], line.y[:2], root_seed=1)
    assert frame["reach"].tolist() == [*REACHES, *REACHES]
    table = gradient_kinks(frame.assign(hidden_size=4, optimizer="adam"))
    assert table[["data_seed", "init_seed"]].to_numpy().tolist() == [[0, 0], [1, 0]]
    assert table["bracketed"].all()
    shown = kink_profile(networks, parameters, line.x[:2], line.y[:2], root_seed=1)
    assert (shown["kink_distance"] == table["kink_distance"][0]).all()
    assert ((shown["error"] > 1e-9) == (shown["reach"] > 1)).all()


@pytest.mark.parametrize("samples", [50, 999])
def test_a_row_does_not_depend_on_other_networks(samples):
    line = drawn(12, 30, samples)
    networks = DataFrame({"data_seed": range(12), "init_seed": 0, "status": "trained"})
    every = kink_survey(networks, line.parameters, line.x, line.y, root_seed=1)
    for k in range(12):
        alone = Parameters(*(p[k : k + 1] for p in line.parameters))
        row = networks.iloc[k : k + 1].reset_index(drop=True)
        found = kink_survey(row, alone, line.x, line.y, root_seed=1)
        expected = every[every["data_seed"] == k]
        assert found.to_numpy().tolist() == expected.to_numpy().tolist()


def test_where_no_network_trained_there_are_no_rows():
    line = drawn(2, 3, 10)
    networks = DataFrame({"data_seed": [0, 1], "init_seed": 0, "status": "diverged"})
    for look in (kink_survey, kink_profile):
        frame = look(networks, line.parameters, line.x, line.y, root_seed=1)
        assert len(frame) == 0
        assert {"data_seed", "kink_distance", "reach", "error"} <= set(frame.columns)
