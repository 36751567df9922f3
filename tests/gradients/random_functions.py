"""Random functions: compositions of smooth and kinked operations, for a checker to be wrong about.

Every number of a function is drawn from its seed: 1 to 50 entries, scales of the point and of the
value from 1e-10 to 1e10, one to four layers, a reduction, and a point far from kinks, near them,
or at them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

D = torch.float64
Unary = Callable[[Tensor], Tensor]

SMOOTH: dict[str, Unary] = {
    "tanh": torch.tanh,
    "steep tanh": lambda z: torch.tanh(4 * z),
    "sigmoid": torch.sigmoid,
    "sin": lambda z: torch.sin(3 * z),
    "exp": lambda z: torch.exp(z.clamp(max=30.0) / 2),
    "softplus": torch.nn.functional.softplus,
    "gelu": torch.nn.functional.gelu,
    "silu": torch.nn.functional.silu,
    "square": torch.square,
    "cube": lambda z: z**3 / 4,
    "hypotenuse": lambda z: torch.sqrt(z * z + 0.1),
    "log1p": lambda z: torch.log1p(z * z),
    "atan": torch.atan,
    "erf": torch.erf,
    "bump": lambda z: torch.exp(-z * z),
    "rational": lambda z: z / (1 + z * z),
}
KINKED: dict[str, Unary] = {
    "relu": torch.relu,
    "leaky relu": lambda z: torch.nn.functional.leaky_relu(z, 0.1),
    "abs": torch.abs,
    "clamp": lambda z: z.clamp(-0.5, 0.75),
    "hardswish": torch.nn.functional.hardswish,
    "elu": torch.nn.functional.elu,
    "softshrink": lambda z: torch.nn.functional.softshrink(z, 0.3),
    "sorted": lambda z: z.sort().values,
    "running maximum": lambda z: z.cummax(0).values,
    "maximum": lambda z: torch.maximum(z, 0.3 * z.flip(0)),
    "triangle": lambda z: (z - z.round()).abs(),
}
REDUCTIONS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "sum": lambda z, w: z.sum(),
    "weighted sum": lambda z, w: (w * z).sum(),
    "mean": lambda z, w: z.mean(),
    "largest": lambda z, w: z.amax(),
    "norm": lambda z, w: (z + 0.01).norm(),
    "logsumexp": lambda z, w: (3 * z).logsumexp(0),
    "product": lambda z, w: (1 + 0.1 * torch.tanh(z)).prod(),
    "softmax": lambda z, w: (w * z.softmax(0)).sum(),
    "largest magnitude": lambda z, w: (w * z).abs().amax(),
}


@dataclass(frozen=True)
class RandomFunction:
    """A function, its point, and what it is made of."""

    function: Unary
    point: Tensor
    description: str


def random_function(seed: int) -> RandomFunction:
    """The random function of a seed."""
    rng = np.random.default_rng(seed)
    n = int(np.exp(rng.uniform(0, np.log(50.999))))
    inner, outer = 10.0 ** rng.uniform(-10, 10, 2)
    operations: list[tuple[str, Unary]] = []
    for _ in range(rng.integers(1, 5)):
        kinked = rng.random() < 0.45
        table = KINKED if kinked else SMOOTH
        name = str(rng.choice(list(table)))
        if rng.random() < 0.35 and n > 1:
            matrix = torch.from_numpy(rng.normal(size=(n, n)) / np.sqrt(n))
            operations.append(("mixing", lambda z, matrix=matrix: matrix @ z))
        operations.append((name, table[name]))
    reduction = str(rng.choice(list(REDUCTIONS)))
    weights = torch.from_numpy(rng.normal(size=n))
    start = rng.normal(size=n) * rng.choice([0.3, 1.0, 3.0])
    place = rng.choice(["far", "near", "at"], p=[0.5, 0.3, 0.2])
    chosen = rng.random(n) < 0.3
    if place == "near":
        start = np.where(chosen, 10.0 ** rng.uniform(-9, -3, n) * rng.choice([-1, 1], n), start)
    elif place == "at":
        start = np.where(chosen, 0.0, start)

    def function(x: Tensor) -> Tensor:
        z = x / inner
        for _, operation in operations:
            z = operation(z)
        return outer * REDUCTIONS[reduction](z, weights)

    point = torch.from_numpy(start * inner)
    names = " > ".join([name for name, _ in operations] + [reduction])
    text = f"seed {seed}: {n} entries, {names}, point {inner:.1e} {place}, value {outer:.1e}"
    return RandomFunction(function, point, text)
