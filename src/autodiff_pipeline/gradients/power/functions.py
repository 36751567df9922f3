"""Random functions of a few numbers, with no kink near their point, one near it, or one at it.

They are sums of smooth units of random mixtures of the entries, w . phi(A x + b), and of kinked
units of single entries. Entries, weights and slopes are of size 1: tolerances and steps that are
fixed numbers were chosen for that.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor

Function = Callable[[Tensor], Tensor]

SMOOTH: Mapping[str, Function] = {  # all of them take complex numbers
    "tanh": torch.tanh,
    "sine": torch.sin,
    "exponential": lambda z: torch.exp(z / 2),
    "square": torch.square,
    "arctangent": torch.atan,
    "logistic": torch.sigmoid,
    "rational": lambda z: z / (1 + z * z / 4),
    "softplus": lambda z: torch.log1p(torch.exp(z)),
}


class Kinked(NamedTuple):
    """A function with a kink at 0, and its slopes on both sides."""

    function: Function
    low: float
    high: float


KINKED: Mapping[str, Kinked] = {
    "relu": Kinked(torch.relu, 0.0, 1.0),
    "abs": Kinked(torch.abs, -1.0, 1.0),
    "leaky_relu": Kinked(lambda z: torch.nn.functional.leaky_relu(z, 0.1), 0.1, 1.0),
    "clamp": Kinked(lambda z: z.clamp(0, 10), 0.0, 1.0),
}
DISTANCES = (-9.0, -3.0)  # powers of ten between which a kink near the point lies


def normal(stream: Generator, *shape: int) -> Tensor:
    """Numbers of the standard normal distribution, float64."""
    return torch.randn(shape, generator=stream, dtype=torch.float64)


def uniform(stream: Generator, low: float, high: float) -> float:
    """A number between two others."""
    share = torch.rand((), generator=stream, dtype=torch.float64)
    return low + (high - low) * float(share)


def whole(stream: Generator, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(torch.randint(low, high + 1, (), generator=stream))


def smooth(stream: Generator, entries: int) -> Function:
    """A sum of two to six smooth units, from (entries,) to ()."""
    names = list(SMOOTH)
    units = whole(stream, 2, 6)
    chosen = [SMOOTH[names[whole(stream, 0, len(names) - 1)]] for _ in range(units)]
    matrix, shift = normal(stream, units, entries) / entries**0.5, normal(stream, units)
    weights = normal(stream, units)

    def function(x: Tensor) -> Tensor:
        z = matrix.to(x.dtype) @ x + shift
        values = torch.stack([phi(z[h]) for h, phi in enumerate(chosen)])
        return (weights * values).sum()

    return function


def kinked(stream: Generator, point: Tensor, entry: int, distance: float) -> tuple[Kinked, Tensor]:
    """One of KINKED, and where in an entry its kink lies: at a distance from the point, ()."""
    names = list(KINKED)
    unit = KINKED[names[whole(stream, 0, len(names) - 1)]]
    return unit, point[entry] + distance


def near_kinks(stream: Generator, point: Tensor) -> Function:
    """Kinked units of one entry or more, at distances between DISTANCES, on either side."""
    entries = len(point)
    parts = []
    for entry in torch.randperm(entries, generator=stream)[: whole(stream, 1, entries)].tolist():
        side = 1.0 if uniform(stream, -1, 1) > 0 else -1.0
        distance = side * 10 ** uniform(stream, *DISTANCES)
        unit, kink = kinked(stream, point, entry, distance)
        parts.append((unit.function, entry, kink, uniform(stream, 0.3, 1.0)))

    def function(x: Tensor) -> Tensor:
        values = [weight * phi(x[entry] - kink) for phi, entry, kink, weight in parts]
        return torch.stack(values).sum()

    return function


def gradient_at(function: Function, point: Tensor) -> Tensor:
    """The gradient by reverse mode."""
    gradient: Tensor = torch.func.grad(function)(point)
    return gradient
