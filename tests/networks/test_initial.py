import math

import torch
from torch import nn

from autodiff_pipeline.networks.initial import initial_parameters


def test_shapes():
    parameters = initial_parameters(1, range(2), range(3), 5)
    assert [value.shape for value in parameters] == [(2, 3, 5), (2, 3, 5), (2, 3, 5), (2, 3)]
    assert {value.dtype for value in parameters} == {torch.float64}


def test_the_distribution_is_that_of_linear_layers():
    hidden_size, networks = 16, 400
    ours = initial_parameters(1, range(1), range(networks), hidden_size)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = [(nn.Linear(1, hidden_size), nn.Linear(hidden_size, 1)) for _ in range(networks)]
    theirs = {
        "w": torch.stack([first.weight.flatten() for first, _ in layers]),
        "b": torch.stack([first.bias for first, _ in layers]),
        "v": torch.stack([second.weight.flatten() for _, second in layers]),
        "c": torch.stack([second.bias[0] for _, second in layers]),
    }
    for name, values in ours._asdict().items():
        a, b = values.flatten().sort()[0], theirs[name].detach().flatten().double().sort()[0]
        # two-sample Kolmogorov-Smirnov: the largest distance of the empirical distributions
        grid = torch.cat([a, b])
        distance = (torch.searchsorted(a, grid) - torch.searchsorted(b, grid)).abs().max() / len(a)
        assert distance < 1.95 * math.sqrt(2 / len(a))  # at a level of 0.1 %
        assert values.abs().max() <= 1 if name in "wb" else 1 / math.sqrt(hidden_size)


def test_a_network_does_not_depend_on_the_others():
    many = initial_parameters(1, range(3), range(4), 5)
    few = initial_parameters(1, [2], [3], 5)
    for all_values, value in zip(many, few, strict=True):
        assert torch.equal(all_values[2, 3], value[0, 0])


def test_every_seed_and_size_has_its_own():
    firsts = [
        initial_parameters(root, [data_seed], [init_seed], size).w.flatten()[0].item()
        for root in (1, 2)
        for data_seed in (0, 1)
        for init_seed in (0, 1)
        for size in (5, 6)
    ]
    assert len(set(firsts)) == len(firsts)
