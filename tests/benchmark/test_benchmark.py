"""Everyone the benchmark times trains the same networks to the same losses."""

import pytest
import torch

from autodiff_pipeline.benchmark.contestants import check_losses, contestants
from autodiff_pipeline.benchmark.peers import Problem
from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.randomness import generator

STEPS = 20


def problem(activation):
    data = draw(generator(1, "data", 0), true_model="x", samples=50, input_scale=3, noise_scale=1)
    initial = initial_parameters(1, [0], range(3), 4)
    return Problem(Parameters(*(value[0] for value in initial)), data.x, data.y, activation, 1e-2)


@pytest.mark.bench
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_engines_and_peers_reach_the_same_losses(activation):
    pytest.importorskip("jax", reason="needs the extra [bench]")
    pytest.importorskip("sklearn", reason="needs the extra [bench]")
    losses = {
        name: start(problem(activation), STEPS)() for name, start in contestants(activation).items()
    }
    assert len(losses) == {"relu": 8, "tanh": 6}[activation]
    check_losses(losses)
    untrained = contestants(activation)["dense"](problem(activation), 0)()
    assert (losses["dense"] < 0.9 * untrained).all()


def test_losses_that_differ_are_refused():
    ones = torch.ones(3, dtype=torch.float64)
    check_losses({"a": ones, "b": ones * (1 + 1e-9)})
    for others in (ones * (1 + 1e-5), ones * torch.nan):
        with pytest.raises(ArithmeticError, match="losses of b and a differ"):
            check_losses({"a": ones, "b": others})
