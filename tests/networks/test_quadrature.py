import math

import pytest
import torch

from autodiff_pipeline.networks.quadrature import GAUSS, KRONROD, MOST, NODES, resolve


def breaks(*values):
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize(("weights", "degree"), [(KRONROD, 24), (GAUSS, 14)])
def test_both_rules_are_exact_below_their_degree(weights, degree):
    def error(power):
        moment = 2 / (power + 1) if power % 2 == 0 else 0.0
        return abs((weights * NODES**power).sum().item() - moment)

    assert max(map(error, range(degree))) < 1e-15
    assert error(degree) > 1e-9


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda z: torch.exp(z), (math.exp(2) - math.exp(-2)) / 2),
        (lambda z: (z - 0.3).abs() + 1, (1.3**3 + 0.7**3) / 3 + 1.3**2 + 0.7**2 + 2),
        (lambda z: (z > 0.123).to(z.dtype), 1 - 0.123),
        (lambda z: z.abs() ** 0.25, 4 / 3),
        (lambda z: torch.sin(200 * z), 1 - math.sin(400) / 400),
        (lambda z: 1 / (z.square() + 1e-6), 1e9 * (math.atan(1e3) + 1e3 / (1 + 1e6))),
    ],
    ids=["smooth", "kink", "jump", "root", "oscillating", "peak"],
)
def test_integrals_known_in_closed_form(function, expected):
    pieces = resolve(function, breaks(-1.0, 0.011, 1.0))
    assert pieces.integral == pytest.approx(expected, rel=1e-10)
    assert pieces.breaks[0] == -1
    assert pieces.breaks[-1] == 1
    assert (pieces.breaks.diff() >= 0).all()


def test_nothing_is_halved_for_the_sake_of_rounding():
    noise = lambda z: 1 + 1e-9 * torch.sin(1e12 * z)  # noqa: E731
    assert len(resolve(noise, breaks(0.0, 1.0), rounding=1e-9).breaks) == 2
    assert len(resolve(noise, breaks(0.0, 1.0)).breaks) > 20


def test_noise_ends():
    noise = lambda z: torch.sin(1e12 * z)  # noqa: E731
    pieces = resolve(noise, breaks(0.0, 1.0))
    assert MOST <= len(pieces.breaks) <= 4 * MOST
    assert pieces.integral == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_what_is_not_finite_stays_so(value):
    integral = resolve(lambda z: torch.where(z > 0, value, z), breaks(-1.0, 1.0)).integral
    assert not math.isfinite(integral)
