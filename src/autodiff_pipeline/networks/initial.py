"""Initial parameters, distributed as in PyTorch's nn.Linear, each network from its own stream."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.randomness import generator


def initial_parameters(
    root_seed: int, data_seeds: Sequence[int], init_seeds: Sequence[int], hidden_size: int
) -> Parameters:
    """Parameters of one network for each data seed (D) and initial seed (I), float64.

    Weights and biases of a layer are drawn uniformly from (-1/sqrt(fan_in), 1/sqrt(fan_in)), where
    fan_in is 1 for w and b, and hidden_size for v and c.
    Returns: w b v (D, I, hidden_size) and c (D, I).
    """
    networks = [
        _network(generator(root_seed, "initial", data_seed, init_seed, hidden_size), hidden_size)
        for data_seed in data_seeds
        for init_seed in init_seeds
    ]
    stacked = (torch.stack(values) for values in zip(*networks, strict=True))
    return Parameters(
        *(value.reshape(len(data_seeds), len(init_seeds), *value.shape[1:]) for value in stacked)
    )


def _network(stream: torch.Generator, hidden_size: int) -> Parameters:
    def uniform(fan_in: int, *shape: int) -> Tensor:
        unit = torch.rand(shape, generator=stream, dtype=torch.float64)
        return (2 * unit - 1) / math.sqrt(fan_in)

    return Parameters(
        w=uniform(1, hidden_size),
        b=uniform(1, hidden_size),
        v=uniform(hidden_size, hidden_size),
        c=uniform(hidden_size),
    )
