import pytest
import torch
from torch.func import hessian

from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters, mean_squared_error
from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.sharpness import sharpness


def problem(activation, hidden_size):
    stream = torch.Generator().manual_seed(0)
    x = 3 * torch.randn(2, 60, generator=stream, dtype=torch.float64)
    y = 2 + 0.5 * x - 0.05 * x**2 + torch.randn(2, 60, generator=stream, dtype=torch.float64)
    return x, y, initial_parameters(1, range(2), range(3), hidden_size)


def largest_eigenvalue(parameters, x, y, activation):
    """From the full Hessian of one network."""
    sizes = [value.numel() for value in parameters]
    shapes = [value.shape for value in parameters]

    def loss(flat):
        parts = (part.reshape(s) for part, s in zip(flat.split(sizes), shapes, strict=True))
        return mean_squared_error(Parameters(*parts), x, y, activation)

    flat = torch.cat([value.reshape(-1) for value in parameters])
    eigenvalues = torch.linalg.eigvalsh(hessian(loss)(flat))
    return eigenvalues[eigenvalues.abs().argmax()]


@pytest.mark.parametrize("hidden_size", [1, 4])
@pytest.mark.parametrize("gradient", ["by_hand", "automatic"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_it_is_the_largest_eigenvalue_of_the_hessian(activation, gradient, hidden_size):
    x, y, parameters = problem(activation, hidden_size)
    method = (
        moments.batched_gradient(x, y, gradient)
        if activation == "relu"
        else dense.batched_gradient(x, y, gradient, activation=activation, compiled=False)
    )
    found = sharpness(method, parameters, 60, iterations=300)
    for d in range(2):
        for i in range(3):
            network = Parameters(*(value[d, i] for value in parameters))
            expected = largest_eigenvalue(network, x[d], y[d], getattr(torch, activation))
            assert found[d, i].item() == pytest.approx(expected.item(), rel=1e-6)


def test_thirty_iterations_are_close():
    x, y, parameters = problem("relu", 10)
    method = moments.batched_gradient(x, y, "by_hand")
    torch.testing.assert_close(
        sharpness(method, parameters, 60),
        sharpness(method, parameters, 60, 1000),
        rtol=0.01,
        atol=0,
    )


def test_company_changes_nothing():
    x, y, parameters = problem("relu", 10)
    every = sharpness(moments.batched_gradient(x, y, "by_hand"), parameters, 60)
    some = Parameters(*(value[[1]][:, [2]] for value in parameters))
    apart = sharpness(moments.batched_gradient(x[[1]], y[[1]], "by_hand"), some, 60)
    assert torch.equal(apart[0, 0], every[1, 2])


def test_taking_few_networks_at_once_changes_nothing(monkeypatch):
    x, y, parameters = problem("relu", 10)
    method = moments.batched_gradient(x, y, "by_hand")
    whole = sharpness(method, parameters, 60)
    monkeypatch.setattr("autodiff_pipeline.training.sharpness.AT_ONCE", 2 * 2 * 10 * 60)
    assert torch.equal(sharpness(method, parameters, 60), whole)
