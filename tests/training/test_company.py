"""A network's numbers are the same, to the bit, whichever others are trained beside it."""

import pytest
import torch

from autodiff_pipeline.network import Parameters
from autodiff_pipeline.training.engines import choose_engine
from autodiff_pipeline.training.initial import initial_parameters
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.optimizers import OPTIMIZERS

NETWORKS = 37


def data(count):
    stream = torch.Generator().manual_seed(0)
    x = 10 * torch.randn(count, 200, generator=stream, dtype=torch.float64)
    noise = 2 * torch.randn(count, 200, generator=stream, dtype=torch.float64)
    return x, 2 + 0.5 * x - 0.05 * x**2 + noise


def history(engine, activation, gradient, optimizer, x, y, initial):
    method = choose_engine(engine, activation).batched_gradient(x, y, gradient)
    return train(method, OPTIMIZERS[optimizer](learning_rate=1e-3), initial, epochs=50)


@pytest.mark.parametrize("hidden_size", [1, 10, 33])
@pytest.mark.parametrize(
    ("engine", "activation", "gradient", "optimizer"),
    [
        ("moments", "relu", "exact", "gradient_descent"),
        ("moments", "relu", "exact", "momentum"),
        ("moments", "relu", "exact", "adam"),
        ("moments", "relu", "automatic", "adam"),
        ("dense", "relu", "automatic", "adam"),
        ("dense", "tanh", "automatic", "momentum"),
        ("dense", "gelu", "exact", "gradient_descent"),
    ],
)
def test_company_changes_nothing(engine, activation, gradient, optimizer, hidden_size):
    x, y = data(3)
    initial = initial_parameters(1, range(3), range(NETWORKS), hidden_size)
    together = history(engine, activation, gradient, optimizer, x, y, initial)
    for data_sets, kept in (([0], [0]), ([1], [36, 4, 20]), ([2, 0], list(range(16)))):
        some = Parameters(*(value[data_sets][:, kept] for value in initial))
        apart = history(engine, activation, gradient, optimizer, x[data_sets], y[data_sets], some)
        expected = together.losses[:, data_sets][:, :, kept]
        assert torch.equal(apart.losses, expected)
        for value, every in zip(apart.final, together.final, strict=True):
            assert torch.equal(value, every[data_sets][:, kept])
