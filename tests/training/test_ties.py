"""Points exactly on a kink, where relu'(0) = 0: both engines and Levenberg-Marquardt decide alike.

Units are active where w * x + b > 0, each operation rounded, in the data's own numbers.
"""

import shutil

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.func import jacrev

from autodiff_pipeline.networks.network import Parameters, apply
from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.levenberg_marquardt import gauss_newton

NETWORKS = 60
POINTS = 37  # whose mean no format holds


def whole(stream, low, high, *shape):
    return torch.randint(low, high, shape, generator=stream).double()


def normal(stream, *shape):
    return torch.randn(*shape, generator=stream, dtype=torch.float64)


def chosen(stream, x, *shape):
    return x[0][torch.randint(0, x.shape[1], shape, generator=stream)]


def moved(values, stream, furthest):
    """By as many numbers of the format, at most, in either direction."""
    steps = torch.randint(-furthest, furthest + 1, values.shape, generator=stream)
    return (values.contiguous().view(torch.int64) + steps).view(torch.float64)


# From a stream, x (1, n), w and b (1, networks, 5).
SHAPE = (1, NETWORKS, 5)


def whole_numbers(stream):
    return (
        whole(stream, -10, 11, 1, POINTS),
        whole(stream, -4, 5, *SHAPE) / 2,
        whole(stream, -5, 6, *SHAPE),
    )


def biases_that_start_at_zero(stream):
    return (
        torch.round(3 * normal(stream, 1, POINTS)),
        normal(stream, *SHAPE),
        torch.zeros(SHAPE).double(),
    )


def rounded_measurements(stream):
    return (
        torch.round(30 * normal(stream, 1, POINTS)) / 10,
        torch.round(10 * normal(stream, *SHAPE)) / 10,
        torch.round(100 * normal(stream, *SHAPE)) / 100,
    )


def repeated_points(stream):
    x = chosen(stream, normal(stream, 1, 6), 1, POINTS)
    w = normal(stream, *SHAPE)
    return x, w, -w * chosen(stream, x, *SHAPE)


def kinks_a_few_numbers_from_points(stream):
    x, w = 10 * normal(stream, 1, POINTS), normal(stream, *SHAPE)
    return x, w, moved(-w * chosen(stream, x, *SHAPE), stream, 2)


def points_next_to_each_other(stream):
    x = moved(chosen(stream, 10 * normal(stream, 1, 4), 1, POINTS), stream, 6)
    w = normal(stream, *SHAPE)
    return x, w, -w * chosen(stream, x, *SHAPE)


def random_networks(stream):
    return 10 * normal(stream, 1, POINTS), normal(stream, *SHAPE), normal(stream, *SHAPE)


def far_from_zero(stream):
    x, w, b = whole_numbers(stream)
    return x + 1e6, w, b - 1e6 * w


DATA = [
    whole_numbers,
    biases_that_start_at_zero,
    rounded_measurements,
    repeated_points,
    kinks_a_few_numbers_from_points,
    points_next_to_each_other,
    random_networks,
    far_from_zero,
]


def problem(make, seed):
    stream = torch.Generator().manual_seed(seed)
    x, w, b = make(stream)
    y = 2 + 0.5 * x - 0.05 * x**2 + normal(stream, *x.shape)
    return x, y, Parameters(w, b, normal(stream, *SHAPE), normal(stream, *SHAPE[:2]))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("make", DATA)
def test_units_are_active_where_the_dense_formula_has_them(make, seed, dtype):
    x, _, parameters = problem(make, seed)
    assert_active_alike(x.to(dtype), Parameters(*(value.to(dtype) for value in parameters)))


def assert_active_alike(x, parameters):
    first, last = moments.active_range(parameters, moments.prepare(x, x))
    point = torch.arange(x.shape[1])
    found = (point >= first[..., None]) & (point < last[..., None])
    preactivation = parameters.w[..., None] * x.sort().values + parameters.b[..., None]
    assert torch.equal(found, preactivation > 0)


numbers = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.5, 3.0, 1 / 3, 0.1, 1e100, -1e100]),
    st.floats(-1e140, 1e140).filter(lambda value: value == 0 or abs(value) > 1e-140),
)
tiny = st.sampled_from([5e-324, -5e-324, 1e-310, -1e-310, 1e-300])


@settings(max_examples=1000, deadline=None)
@given(
    x=st.lists(numbers, min_size=1, max_size=8),
    w=st.one_of(numbers, tiny),
    b=numbers,
    point=st.integers(0, 7),
    off=st.integers(-3, 3),
)
def test_whatever_the_numbers(x, w, b, point, off):
    x, w, b = (torch.tensor(value, dtype=torch.float64) for value in (x, w, b))
    through = -w * x[point % len(x)]
    if through.abs() > 1e-290:
        b = torch.stack([b, (through.view(torch.int64) + off).view(torch.float64)])
    assume(w == 0 or w.abs() > 1e-150 or (b != 0).all())  # no product too small for the format
    b = b.reshape(1, 1, -1)
    one = torch.ones_like(b)
    assert_active_alike(x[None], Parameters(w * one, b, one, one[..., 0]))


@pytest.mark.parametrize("gradient", ["by_hand", "automatic"])
@pytest.mark.parametrize("make", DATA)
def test_gradients_are_those_of_the_dense_formula(make, gradient):
    x, y, parameters = problem(make, 0)
    found, losses = moments.batched_gradient(x, y, gradient)(parameters)
    uncompiled = dense.batched_gradient(x, y, gradient, "relu", compiled=False)
    expected, expected_losses = uncompiled(parameters)
    # of each network's largest number, and what an offset of x costs
    assert_alike(found, expected, 1e-13 * (1 + x.abs().max() / 100) ** 2)
    torch.testing.assert_close(losses, expected_losses, rtol=1e-8, atol=0)


def assert_alike(found, expected, tolerance):
    found, expected = (
        torch.cat([*gradient[:3], gradient.c[..., None]], dim=-1) for gradient in (found, expected)
    )
    largest = expected.abs().amax(-1, keepdim=True)
    assert ((found - expected).abs() <= tolerance * largest).all()


@pytest.mark.skipif(not shutil.which("c++"), reason="no C++ compiler")
@pytest.mark.parametrize("gradient", ["by_hand", "automatic"])
def test_compiled_code_decides_alike(gradient):
    # A multiplication and an addition contracted into one would round once, not twice.
    x, y, parameters = problem(kinks_a_few_numbers_from_points, 0)
    found, expected = (
        dense.batched_gradient(x, y, gradient, "relu", compiled)(parameters)[0]
        for compiled in (True, False)
    )
    assert_alike(found, expected, 1e-13)


@pytest.mark.parametrize("make", DATA[:-1])
def test_levenberg_marquardt_decides_alike(make):
    x, y, parameters = problem(make, 0)
    parameters = Parameters(*(value[:, :10] for value in parameters))
    matrices = gauss_newton(parameters, moments.prepare(x, y))
    for network in range(10):
        one = Parameters(*(value[0, network] for value in parameters))
        w, b, v, c = jacrev(apply)(one, x[0], torch.relu)
        # In centred x, b stands for b + w * mean(x): so the derivative by w loses a share.
        jacobian = torch.cat([w - x.mean() * b, b, v, c[:, None]], dim=1)
        expected = 2 / x.shape[1] * jacobian.T @ jacobian
        torch.testing.assert_close(
            matrices[0, network], expected, rtol=0, atol=1e-12 * expected.abs().max().item()
        )
