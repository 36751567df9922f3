"""Both engines on the default problem: the same losses, unless training amplifies rounding."""

import shutil

import pytest
import torch
from training.problem import default_data

from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.method import first_order
from autodiff_pipeline.training.optimizers import adam, gradient_descent

EPOCHS = 3000


@pytest.fixture(scope="module")
def problem():
    x, y = default_data(5)
    return x, y, initial_parameters(1, range(5), range(10), 10)


def losses(method, start, optimizer):
    return train(first_order(method, optimizer), start, EPOCHS).losses


def dense_method(x, y):
    compiled = bool(shutil.which("c++"))  # several times faster
    return dense.batched_gradient(x, y, "automatic", activation="relu", compiled=compiled)


def parted(one, other):
    """The share of networks whose losses ever differ by more than 1e-8, relative."""
    return ((one - other) / other).abs().amax(0).gt(1e-8).double().mean().item()


def test_engines_give_the_same_curves(problem):
    x, y, start = problem
    by_moments = losses(moments.batched_gradient(x, y, "by_hand"), start, gradient_descent(1e-3))
    by_dense = losses(dense_method(x, y), start, gradient_descent(1e-3))
    assert parted(by_moments, by_dense) <= 0.01


def test_where_they_part_one_engine_parts_from_itself(problem):
    # Adam at this rate lets the last bit of some networks grow.
    x, y, start = problem
    by_moments = losses(moments.batched_gradient(x, y, "by_hand"), start, adam(3e-2))
    by_dense = losses(dense_method(x, y), start, adam(3e-2))
    one_ulp_apart = Parameters(*(torch.nextafter(v, torch.full_like(v, 9.0)) for v in start))
    again = losses(moments.batched_gradient(x, y, "by_hand"), one_ulp_apart, adam(3e-2))
    assert 0.1 < parted(by_moments, again) < 0.5
    assert parted(by_moments, by_dense) < parted(by_moments, again) + 0.15
