"""A network's numbers are the same, to the bit, whichever others are trained beside it."""

import shutil

import pytest
import torch

from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.engines import choose_engine
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.method import first_order
from autodiff_pipeline.training.registry import OPTIMIZERS

NETWORKS = 37


def data(count):
    stream = torch.Generator().manual_seed(0)
    x = 10 * torch.randn(count, 200, generator=stream, dtype=torch.float64)
    noise = 2 * torch.randn(count, 200, generator=stream, dtype=torch.float64)
    return x, 2 + 0.5 * x - 0.05 * x**2 + noise


def history(engine, activation, gradient, optimizer, x, y, initial, compiler=False):
    chosen = choose_engine(engine, activation, work=10**9, compiler=compiler)
    method = chosen.batched_gradient(x, y, gradient)
    return train(first_order(method, OPTIMIZERS[optimizer](learning_rate=1e-3)), initial, epochs=50)


@pytest.mark.parametrize("hidden_size", [1, 10, 33])
@pytest.mark.parametrize(
    ("engine", "activation", "gradient", "optimizer"),
    [
        ("moments", "relu", "by_hand", "gradient_descent"),
        ("moments", "relu", "by_hand", "momentum"),
        ("moments", "relu", "by_hand", "adam"),
        ("moments", "relu", "automatic", "adam"),
        ("dense", "relu", "automatic", "adam"),
        ("dense", "tanh", "automatic", "momentum"),
        ("dense", "gelu", "by_hand", "gradient_descent"),
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


@pytest.mark.skipif(not shutil.which("c++"), reason="no C++ compiler")
@pytest.mark.parametrize(("activation", "hidden_size"), [("relu", 10), ("tanh", 5)])
def test_company_changes_nothing_in_compiled_code(activation, hidden_size):
    x, y = data(2)
    initial = initial_parameters(1, range(2), range(NETWORKS), hidden_size)
    together = history("dense", activation, "automatic", "adam", x, y, initial, compiler=True)
    uncompiled = history("dense", activation, "automatic", "adam", x, y, initial)
    torch.testing.assert_close(together.losses, uncompiled.losses, rtol=1e-9, atol=0)
    for kept in ([36], [4, 20, 3], list(range(17))):
        some = Parameters(*(value[[1]][:, kept] for value in initial))
        apart = history(
            "dense", activation, "automatic", "adam", x[[1]], y[[1]], some, compiler=True
        )
        assert torch.equal(apart.losses, together.losses[:, [1]][:, :, kept])
