import pytest
import torch

from autodiff_pipeline.networks.activations import ACTIVATIONS, activation_named
from autodiff_pipeline.networks.by_hand import network_gradient
from autodiff_pipeline.networks.network import Parameters, apply, mean_squared_error
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS

NAMES = [*ACTIVATIONS, *(name for name in STABLE_ACTIVATIONS if name[7:] in ACTIVATIONS)]


@pytest.fixture
def problem():
    stream = torch.Generator().manual_seed(0)
    shapes = [(7,), (7,), (7,), ()]
    parameters = Parameters(
        *(torch.randn(s, generator=stream, dtype=torch.float64) for s in shapes)
    )
    x = torch.randn(40, generator=stream, dtype=torch.float64)
    return parameters, x, torch.randn(40, generator=stream, dtype=torch.float64)


@pytest.mark.parametrize("activation", NAMES)
def test_derivatives_of_activations_by_the_central_difference(activation):
    x = torch.linspace(-4, 4, 80, dtype=torch.float64)  # no point at 0
    h = 1e-6
    phi = activation_named(activation).function
    torch.testing.assert_close(
        activation_named(activation).derivative(x, phi(x)),
        (phi(x + h) - phi(x - h)) / (2 * h),
        rtol=1e-7,
        atol=1e-9,
    )


@pytest.mark.parametrize("activation", NAMES)
def test_backpropagation_by_the_central_difference(activation, problem):
    parameters, x, y = problem
    gradient, loss = network_gradient(parameters, x, y, activation)
    phi = activation_named(activation).function
    assert torch.equal(loss, mean_squared_error(parameters, x, y, phi))
    h = 1e-6
    for name in Parameters._fields:
        value = getattr(parameters, name)
        for index in range(value.numel()):
            step = torch.zeros(value.numel(), dtype=value.dtype)
            step[index] = h
            ahead, behind = (
                mean_squared_error(
                    parameters._replace(**{name: value + sign * step.reshape(value.shape)}),
                    x,
                    y,
                    phi,
                )
                for sign in (1, -1)
            )
            expected = (ahead - behind) / (2 * h)
            assert getattr(gradient, name).flatten()[index].item() == pytest.approx(
                expected.item(), rel=1e-6, abs=1e-7
            )


@pytest.mark.parametrize("activation", NAMES)
def test_backpropagation_is_automatic_differentiation(activation, problem):
    parameters, x, y = problem
    gradient, _ = network_gradient(parameters, x, y, activation)
    automatic = torch.func.grad(mean_squared_error)(
        parameters, x, y, activation_named(activation).function
    )
    for ours, theirs in zip(gradient, automatic, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-13)


def test_the_network_is_the_sum_of_its_units(problem):
    parameters, x, _ = problem
    w, b, v, c = (value.tolist() for value in parameters)
    expected = [
        c + sum(v_h * max(w_h * x_i + b_h, 0.0) for w_h, b_h, v_h in zip(w, b, v, strict=True))
        for x_i in x.tolist()
    ]
    torch.testing.assert_close(apply(parameters, x, torch.relu), torch.tensor(expected).double())
