"""Activations and their derivatives by hand against mpmath, at every magnitude."""

import mpmath
import pytest
import torch
from mpmath import mp, mpf

from autodiff_pipeline.networks.activations import ACTIVATIONS, activation_named
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS

TRUTH = {  # the function and its derivative
    "relu": (lambda a: max(a, mpf(0)), lambda a: mpf(a > 0)),
    "tanh": (mpmath.tanh, lambda a: mpmath.sech(a) ** 2),
    "sigmoid": (lambda a: 1 / (1 + mpmath.exp(-a)), lambda a: mpmath.sech(a / 2) ** 2 / 4),
    "softplus": (lambda a: mpmath.log1p(mpmath.exp(a)), lambda a: 1 / (1 + mpmath.exp(-a))),
    "gelu": (lambda a: a * mpmath.ncdf(a), lambda a: mpmath.ncdf(a) + a * mpmath.npdf(a)),
    "silu": (
        lambda a: a / (1 + mpmath.exp(-a)),
        lambda a: 1 / (1 + mpmath.exp(-a)) + a * mpmath.sech(a / 2) ** 2 / 4,
    ),
}

NAMES = [*ACTIVATIONS, *(name for name in STABLE_ACTIVATIONS if name[7:] in ACTIVATIONS)]


def points(dtype):
    """Everywhere training goes, the tiny and the huge, and where torch's softplus has its step."""
    stream = torch.Generator().manual_seed(0)
    uniform = torch.rand(400, generator=stream, dtype=torch.float64)
    positive = torch.cat([50 * uniform, 10 ** (6 * uniform - 3), 10 ** (-37 * uniform)])
    special = torch.tensor([0.0, 20.0, 20.000001, 40.0, 40.00001, 1e9], dtype=torch.float64)
    every = torch.cat([positive, special])
    return torch.cat([every, -every]).to(dtype)


def test_the_truth_is_known_for_every_activation():
    assert {name.removeprefix("stable_") for name in NAMES} == set(TRUTH)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", NAMES)
def test_values_and_derivatives_are_right_to_the_rounding_of_their_argument(name, dtype):
    a = points(dtype)
    value = activation_named(name).function(a)
    derivative = activation_named(name).derivative(a, value)
    epsilon = torch.finfo(dtype).eps
    with mp.workdps(40):
        for order, found in enumerate((value, derivative)):
            true = TRUTH[name.removeprefix("stable_")][order]
            for x, y in zip(a.tolist(), found.tolist(), strict=True):
                assert abs(y - true(mpf(x))) <= 4 * epsilon * max(1, abs(x)), (order, x)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_tanh_has_the_rounding_error_of_1_and_no_digits_below_it(dtype):
    a, epsilon = points(dtype), torch.finfo(dtype).eps
    error = (activation_named("tanh").function(a).double() - torch.tanh(a.double())).abs()
    assert error.max() < 2 * epsilon
    tiny = torch.tensor([epsilon / 8], dtype=dtype)
    assert activation_named("tanh").function(tiny) == 0
    assert activation_named("stable_tanh").function(tiny) == tiny
