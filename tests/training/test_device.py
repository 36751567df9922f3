"""Nothing is made on another device than the data's: torch refuses to mix "meta" with the CPU."""

import pytest
import torch

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.registry import make_method
from autodiff_pipeline.training.sharpness import sharpness

SETTINGS = {
    "gradient_descent": {"learning_rate": 0.1},
    "momentum": {"learning_rate": 0.1},
    "adam": {"learning_rate": 0.1},
    "levenberg_marquardt": {"damping": 1.0},
}
X = torch.empty(2, 30, dtype=torch.float64, device="meta")
PARAMETERS = Parameters(*(X.new_empty(2, 3, 4) for _ in "wbv"), X.new_empty(2, 3))
ENGINES = {
    "moments": moments.batched_gradient,
    "dense": lambda *problem: dense.batched_gradient(*problem, "tanh", compiled=False),
}


def device_of(*tensors):
    (device,) = {tensor.device.type for tensor in tensors}
    return device


@pytest.mark.parametrize("optimizer", SETTINGS)
@pytest.mark.parametrize("gradient", ["automatic", "by_hand"])
@pytest.mark.parametrize("engine", ENGINES)
def test_a_step_stays_on_its_device(engine, gradient, optimizer):
    gradient_and_loss = ENGINES[engine](X, X, gradient)
    method = make_method(optimizer, SETTINGS[optimizer], gradient_and_loss, X, X)
    following, _, losses = method.step(PARAMETERS, method.init(PARAMETERS))
    assert device_of(*following, losses) == "meta"


def test_sharpness_stays_on_its_device():
    gradient_and_loss = moments.batched_gradient(X, X, "by_hand")
    assert device_of(sharpness(gradient_and_loss, PARAMETERS, 1)) == "meta"
