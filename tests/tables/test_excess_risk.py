import math

import pytest
import torch

from autodiff_pipeline.networks.network import Parameters, apply
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.tables.excess_risk import excess_risk, normal_quadrature


def networks(count, hidden_size, seed=0):
    stream = generator(seed, "initial", count, 0, hidden_size)
    draw = lambda *shape: torch.randn(*shape, generator=stream, dtype=torch.float64)  # noqa: E731
    return Parameters(
        draw(count, hidden_size), draw(count, hidden_size), draw(count, hidden_size), draw(count)
    )


@pytest.mark.parametrize(("power", "moment"), [(0, 1), (1, 0), (2, 1), (4, 3), (6, 15)])
def test_quadrature_knows_the_moments_of_the_normal_distribution(power, moment):
    z, weights = normal_quadrature()
    assert (weights * z**power).sum().item() == pytest.approx(moment, rel=1e-10, abs=1e-12)


def test_a_constant_network_against_the_closed_form():
    # f = c, truth = a + b x: E[(c - a - b x)^2] = (c - a)^2 + (b s)^2
    constant = Parameters(
        *(torch.zeros(1, 3, dtype=torch.float64) for _ in "wbv"), torch.ones(1).double()
    )
    risk = excess_risk(constant, torch.relu, true_model="3 + 0.5*x", input_scale=10.0)
    assert risk.item() == pytest.approx((1 - 3) ** 2 + (0.5 * 10) ** 2, rel=1e-12)


def test_one_unit_against_the_closed_form():
    # E[relu(w x + b)^2] for w x + b ~ N(b, s^2), s = |w| input_scale
    w, b, s = 0.7, -1.3, 7.0
    unit = Parameters(
        *(torch.tensor([[value]]).double() for value in (w, b, 1.0)), torch.zeros(1).double()
    )
    density = math.exp(-((b / s) ** 2) / 2) / math.sqrt(2 * math.pi)
    below = 0.5 * math.erfc(-(b / s) / math.sqrt(2))
    expected = (b * b + s * s) * below + b * s * density
    risk = excess_risk(unit, torch.relu, true_model="0", input_scale=10.0)
    assert risk.item() == pytest.approx(expected, rel=1e-5)


def test_against_monte_carlo():
    network = networks(1, 10)
    x = 10 * torch.randn(200_000, generator=generator(0, "data"), dtype=torch.float64)
    one = Parameters(*(value[0] for value in network))
    squares = (apply(one, x, torch.relu) - (2 + 0.5 * x - 0.05 * x**2)).square()
    risk = excess_risk(network, torch.relu, true_model="2 + 0.5*x - 0.05*x**2", input_scale=10.0)
    assert abs(risk - squares.mean()) < 5 * squares.std() / 200_000**0.5


@pytest.mark.parametrize("hidden_size", [1, 10, 33])
def test_no_network_depends_on_the_others(hidden_size):
    many = networks(37, hidden_size)
    settings = {"true_model": "sin(x)", "input_scale": 3.0}
    every = excess_risk(many, torch.relu, **settings)
    for kept in ([0], [36], [3, 20], list(range(20))):
        some = Parameters(*(value[kept] for value in many))
        assert torch.equal(excess_risk(some, torch.relu, **settings), every[kept])
