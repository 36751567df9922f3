"""A training that is interrupted and goes on gives the same numbers, to the bit."""

import io

import numpy
import pytest
import torch

from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.training import moments
from autodiff_pipeline.training.checkpoint import from_arrays, to_arrays
from autodiff_pipeline.training.loop import begin, train
from autodiff_pipeline.training.registry import make_method

SETTINGS = {
    "gradient_descent": {"learning_rate": 0.01},  # some networks diverge
    "momentum": {"learning_rate": 1e-3},
    "adam": {"learning_rate": 0.03},
    "levenberg_marquardt": {"damping": 1.0},
}


@pytest.mark.parametrize("optimizer", SETTINGS)
@pytest.mark.parametrize("interrupted", [1, 17, 40])
def test_a_resumed_training_ends_the_same(optimizer, interrupted):
    stream = torch.Generator().manual_seed(0)
    x = 10 * torch.randn(2, 100, generator=stream, dtype=torch.float64)
    y = 0.1 * x**2 + torch.randn(2, 100, generator=stream, dtype=torch.float64)
    initial = initial_parameters(1, range(2), range(5), 6)
    gradient = moments.batched_gradient(x, y, "by_hand")
    method = make_method(optimizer, SETTINGS[optimizer], gradient, x, y)

    kept = []
    whole = train(method, initial, 40, report=kept.append, measure=lambda p: p.c * 2)
    file = io.BytesIO()
    numpy.savez(file, **to_arrays(kept[interrupted]))
    file.seek(0)
    resumed = from_arrays(numpy.load(file), like=begin(method, initial))
    again = train(method, initial, 40, measure=lambda p: p.c * 2, resumed=resumed)

    assert resumed.epoch == interrupted + 1
    for one, other in zip(whole, again, strict=True):
        for value, same in zip(one, other, strict=True):
            torch.testing.assert_close(value, same, rtol=0, atol=0, equal_nan=True)
    if optimizer == "gradient_descent":
        assert 0 < (whole.diverged >= 0).sum() < whole.diverged.numel()
