"""Checkers of gradients: what each accepts and refuses, beside its documentation."""

import math

import numpy
import pytest
import torch

from autodiff_pipeline.gradients.checkers import taylor_test
from autodiff_pipeline.gradients.checkers.claim import Claim
from autodiff_pipeline.gradients.checkers.registry import CHECKERS

POINT = torch.tensor([0.3, -1.1, 0.8], dtype=torch.float64)


def wavy(x):
    return torch.sin(x).sum() + (x**3).sum()


SLOPES = torch.tensor([math.cos(x) + 3 * x * x for x in POINT.tolist()], dtype=torch.float64)


def answer(checker, gradient, function=wavy, point=POINT, seed=0):
    return CHECKERS[checker](Claim(function, point, gradient), seed)


@pytest.mark.parametrize("checker", CHECKERS)
def test_it_accepts_what_is_right_and_refuses_what_is_wrong_by_a_tenth(checker):
    assert answer(checker, SLOPES) == "right"
    assert answer(checker, 1.1 * SLOPES) == "wrong"


def square(x):
    return x.square().sum()  # of which central differences are exact


@pytest.mark.parametrize("share", [0.9, 1.1])
def test_gradcheck_tolerates_what_its_documentation_says(share):
    point = torch.tensor([2.0], dtype=torch.float64)
    right = 2 * point
    tolerated = 1e-5 + 1e-3 * 4.0
    found = answer("gradcheck_slow", right + share * tolerated, square, point)
    assert found == ("right" if share < 1 else "wrong")


@pytest.mark.parametrize("error", [0.0, 1e-9, 1e-2])
@pytest.mark.parametrize("kink", [0.0, 5.0])
def test_jax_says_the_same_of_the_same_gradient(error, kink):
    jax = pytest.importorskip("jax", reason="needs the extra [systems]")
    from jax.test_util import check_vjp

    x = POINT.numpy()

    def function(x):  # the kink is crossed by a step of 1e-4, or not
        return jax.numpy.sin(x).sum() + jax.numpy.abs(x - POINT[0].item() - kink - 1e-6).sum()

    def same(x):
        return torch.sin(x).sum() + (x - POINT[0] - kink - 1e-6).abs().sum()

    gradient = (1 + error) * torch.func.grad(same)(POINT).numpy()
    with jax.enable_x64(True):
        try:
            vjp = lambda *args: (function(*args), lambda cotangent: (cotangent * gradient,))  # noqa: E731
            check_vjp(function, vjp, (x,))
            expected = "right"
        except AssertionError:
            expected = "wrong"
    assert answer("jax_direction", torch.from_numpy(gradient), same) == expected


def test_the_complex_step_knows_the_last_digits_and_nothing_of_relu():
    assert answer("complex_step", SLOPES * (1 + 1e-13)) == "wrong"
    kinked = lambda x: torch.relu(x).sum()  # noqa: E731
    assert answer("complex_step", (POINT > 0).double(), kinked) == "undecided"


def test_the_taylor_test_finds_orders_1_2_and_3():
    h = taylor_test.STEPS
    for power in (1, 2, 3):
        assert taylor_test.order(5 * h**power, 12) == pytest.approx(power, abs=1e-12)


@pytest.mark.parametrize("distance", [1e-6, 1e-4])
def test_the_taylor_test_finds_the_noise_and_the_kink(distance):
    h = taylor_test.STEPS

    def f(x):
        return numpy.exp(x) + 0.5 * numpy.maximum(x - distance, 0)

    odd, even = (f(h) - f(-h)) / 2, f(h) - 2 * f(0) + f(-h)
    window = taylor_test.between_noise_and_kink(odd, even, 2.0**-52)
    assert 2.0**-49 < h[window.first] < 2.0**-46  # 16 roundings of f, which is 1
    assert distance / 16 < h[window.last - 1] < 1.001 * distance


def test_the_taylor_test_does_not_decide_at_a_kink():
    kinked = lambda x: wavy(x) + (x - POINT).abs().sum()  # noqa: E731
    assert answer("taylor_test", SLOPES, kinked) == "undecided"


def test_the_taylor_test_refuses_1e_8_and_does_not_see_1e_14():
    for seed in range(10):
        assert answer("taylor_test", SLOPES * (1 + 1e-8), seed=seed) == "wrong"
        assert answer("taylor_test", SLOPES * (1 + 1e-14), seed=seed) == "right"
