"""Moments against the dense engine, and both against plain loops: over networks and data."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training import dense, moments

AGREEMENT = 1e-10  # of a gradient component, relative to the largest


def random_networks(stream, data_sets, networks, hidden_size, scale=1.0, offset=0.0):
    """Networks whose kinks lie among inputs of this scale and offset."""

    def normal(*shape):
        return torch.randn(*shape, generator=stream, dtype=torch.float64)

    w = normal(data_sets, networks, hidden_size)
    kinks = offset + scale * normal(data_sets, networks, hidden_size)
    return Parameters(w, -w * kinks, normal(*w.shape), normal(data_sets, networks))


def assert_engines_agree(parameters, x, y, tolerance=AGREEMENT):
    """All four: moments and dense, automatic and by hand."""
    results = [
        engine(x, y, gradient)(parameters)
        for engine in (
            moments.batched_gradient,
            lambda x, y, gradient: dense.batched_gradient(
                x, y, gradient, activation="relu", compiled=False
            ),
        )
        for gradient in ("automatic", "by_hand")
    ]
    expected_gradient, expected_loss = results[-1]
    largest = torch.cat([value.flatten() for value in expected_gradient]).abs().max()
    # A gradient that is 0 but for rounding is known no better than its terms, the residuals.
    largest = largest.maximum(1e-3 * expected_loss.max().sqrt())
    for gradient, loss in results[:-1]:
        torch.testing.assert_close(loss, expected_loss, rtol=tolerance, atol=1e-300)
        for value, expected in zip(gradient, expected_gradient, strict=True):
            assert (value - expected).abs().max() <= tolerance * largest


def noisy(x, stream):
    return 2 + 0.5 * x + torch.randn(x.shape, generator=stream, dtype=x.dtype)


@settings(max_examples=60, deadline=None)
@given(
    hidden_size=st.sampled_from([1, 2, 3, 7, 10, 64, 256]),
    samples=st.sampled_from([1, 2, 5, 100, 3000]),
    seed=st.integers(0, 10**6),
    scale=st.sampled_from([1e-3, 1.0, 30.0]),
)
def test_random_networks_and_data(hidden_size, samples, seed, scale):
    stream = torch.Generator().manual_seed(seed)
    x = scale * torch.randn(2, samples, generator=stream, dtype=torch.float64)
    parameters = random_networks(stream, 2, 3, hidden_size, scale)
    assert_engines_agree(parameters, x, noisy(x, stream))


def test_many_points():
    stream = torch.Generator().manual_seed(0)
    x = 10 * torch.randn(1, 10**5, generator=stream, dtype=torch.float64)
    assert_engines_agree(random_networks(stream, 1, 2, 10, 10.0), x, noisy(x, stream))


# Small whole numbers and powers of two: kinks -b/w fall on data exactly, and often.
dyadic = st.sampled_from([-4.0, -2.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, 4.0])


@settings(max_examples=200, deadline=None)
@given(
    units=st.lists(st.tuples(dyadic, dyadic, dyadic), min_size=1, max_size=6),
    points=st.lists(st.tuples(dyadic, dyadic), min_size=1, max_size=8),
)
def test_kinks_on_data_repeated_kinks_repeated_points_and_zero_weights(units, points):
    w, b, v = (
        torch.tensor(values, dtype=torch.float64)[None, None] for values in zip(*units, strict=True)
    )
    x, y = (torch.tensor(values, dtype=torch.float64)[None] for values in zip(*points, strict=True))
    assert_engines_agree(Parameters(w, b, v, torch.ones(1, 1, dtype=torch.float64)), x, y)


@pytest.mark.parametrize("b", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("w", [0.0, -0.0])
def test_a_unit_without_input_weight(w, b):
    x = torch.tensor([[-3.0, 1.0, 2.0, 4.0]], dtype=torch.float64)
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    parameters = Parameters(w * one, b * one, 2 * one, one[0])
    assert_engines_agree(parameters, x, x)
    gradient, loss = moments.batched_gradient(x, x, "by_hand")(parameters)
    output = 1 + 2 * max(b, 0.0)
    assert loss.item() == pytest.approx((output - x).square().mean().item())
    if b <= 0:
        assert gradient.w.item() == gradient.b.item() == gradient.v.item() == 0.0


@pytest.mark.parametrize("kink", [-100.0, 100.0])
@pytest.mark.parametrize("w", [-1.0, 1.0])
def test_units_dead_or_active_everywhere(kink, w):
    stream = torch.Generator().manual_seed(1)
    x = torch.randn(1, 50, generator=stream, dtype=torch.float64)
    shape = torch.full((1, 1, 3), w, dtype=torch.float64)
    parameters = Parameters(shape, -shape * kink, shape, torch.zeros(1, 1, dtype=torch.float64))
    assert_engines_agree(parameters, x, noisy(x, stream))


def test_constant_inputs():
    stream = torch.Generator().manual_seed(2)
    x = torch.full((1, 20), 3.0, dtype=torch.float64)
    assert_engines_agree(random_networks(stream, 1, 4, 5, 3.0), x, noisy(x, stream))


def test_a_large_offset_costs_only_the_digits_that_x_lost():
    # x = 1e6 +- 1 has 10 digits left after its mean is taken off; uncentred sums would lose 12.
    stream = torch.Generator().manual_seed(3)
    x = 1e6 + torch.randn(2, 1000, generator=stream, dtype=torch.float64)
    parameters = random_networks(stream, 2, 3, 10, 1.0, offset=1e6)
    assert_engines_agree(parameters, x, noisy(x, stream), tolerance=1e-8)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_inputs_of_extreme_scale(scale):
    stream = torch.Generator().manual_seed(4)
    x = scale * torch.randn(1, 200, generator=stream, dtype=torch.float64)
    assert_engines_agree(random_networks(stream, 1, 3, 10, scale), x, noisy(x / scale, stream))


def test_a_unit_that_no_point_reaches_has_a_gradient_of_exactly_zero():
    # Adam would make a whole step of the smallest rest.
    stream = torch.Generator().manual_seed(7)
    x = torch.randn(1, 1000, generator=stream, dtype=torch.float64)
    parameters = random_networks(stream, 1, 3, 8)
    parameters.w[..., 0], parameters.b[..., 0] = 1.0, -x.max() - 1e-9  # rising, beyond the last
    parameters.w[..., 1], parameters.b[..., 1] = -1.0, x.min() - 1e-9  # falling, before the first
    for gradient in ("automatic", "by_hand"):
        w, b, v, _ = moments.batched_gradient(x, noisy(x, stream), gradient)(parameters)[0]
        for value in (w, b, v):
            assert torch.equal(value[..., :2], torch.zeros_like(value[..., :2]))


def test_the_order_of_the_data_does_not_matter():
    stream = torch.Generator().manual_seed(5)
    x = torch.randn(1, 100, generator=stream, dtype=torch.float64)
    y = noisy(x, stream)
    parameters = random_networks(stream, 1, 3, 10)
    shuffled = torch.randperm(100, generator=stream)
    torch.testing.assert_close(
        moments.loss(parameters, moments.prepare(x[:, shuffled], y[:, shuffled])),
        moments.loss(parameters, moments.prepare(x, y)),
        rtol=1e-13,
        atol=0,
    )


def test_a_network_that_is_not_a_number_stays_alone():
    stream = torch.Generator().manual_seed(6)
    x = torch.randn(1, 100, generator=stream, dtype=torch.float64)
    y = noisy(x, stream)
    parameters = random_networks(stream, 1, 3, 4)
    broken = Parameters(*(value.clone() for value in parameters))
    broken.w[0, 1] = torch.nan
    gradient, loss = moments.batched_gradient(x, y, "by_hand")(broken)
    expected_gradient, expected_loss = moments.batched_gradient(x, y, "by_hand")(parameters)
    assert torch.isnan(loss[0, 1])
    for network in (0, 2):
        assert torch.equal(loss[0, network], expected_loss[0, network])
        assert torch.equal(gradient.w[0, network], expected_gradient.w[0, network])
