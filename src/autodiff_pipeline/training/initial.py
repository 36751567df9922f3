"""Initial parameters: PyTorch's nn.Linear distribution, each network from a stream of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor

from autodiff_pipeline.network import Parameters
from autodiff_pipeline.randomness import generator


def initial_parameters(
    root_seed: int, seeds: Sequence[tuple[int, int]], hidden_size: int
) -> Parameters:
    """Parameters of one network for each (data_seed, init_seed), float64.

    Weights and biases of a layer are U(-1/sqrt(fan_in), 1/sqrt(fan_in)): fan_in is 1 for w and b,
    and hidden_size for v and c.
    Returns: w b v (len(seeds), hidden_size) and c (len(seeds),).
    """
    networks = [_network(root_seed, *pair, hidden_size) for pair in seeds]
    return Parameters(*(torch.stack(values) for values in zip(*networks, strict=True)))


def _network(root_seed: int, data_seed: int, init_seed: int, hidden_size: int) -> Parameters:
    stream = generator(root_seed, "initial", data_seed, init_seed, hidden_size)

    def uniform(fan_in: int, *shape: int) -> Tensor:
        unit = torch.rand(shape, generator=stream, dtype=torch.float64)
        return (2 * unit - 1) / fan_in**0.5

    return Parameters(
        w=uniform(1, hidden_size),
        b=uniform(1, hidden_size),
        v=uniform(hidden_size, hidden_size),
        c=uniform(hidden_size),
    )
