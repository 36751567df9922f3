"""Plain functions with a kink at their point, 1e-9, 1e-6 or 1e-3 beside it, or far from it.

Smooth units, ReLU networks as functions of their input and of their parameters, and abs, max,
where and relu of one entry on top of smooth units.
"""

import numpy as np
import torch

from autodiff_pipeline.gradients.power.functions import normal, smooth

KINDS = ("smooth", "network", "parameters", "abs", "max", "where", "relu")
DISTANCES = (0.0, 1e-9, 1e-6, 1e-3, 0.5)


def plain_function(seed):
    """The function of a seed, its point, and where an error goes: an entry and a word on it."""
    rng = np.random.default_rng(seed)
    stream = torch.Generator().manual_seed(seed)
    kind = KINDS[seed % len(KINDS)]
    distance = DISTANCES[seed // len(KINDS) % len(DISTANCES)] * rng.choice([-1.0, 1.0])
    n = int(rng.integers(1, 9))
    point, base = normal(stream, n), smooth(stream, n)
    entry = int(rng.integers(n))
    description = f"seed {seed}: {kind}, {n} entries, kink {distance:.0e} away"
    if kind == "smooth":
        return base, point, description
    if kind in ("network", "parameters"):
        weights, bias, out = normal(stream, 6, n), normal(stream, 6), normal(stream, 6)
        bias[0] = distance * weights[0, entry] - weights[0] @ point
        if kind == "network":
            return lambda x: (torch.relu(weights @ x + bias) @ out - 1) ** 2, point, description
        data, target = normal(stream, 12, n), normal(stream, 12)
        data[0] = point

        def loss(p):
            inner, shift, outer = p[: 6 * n].view(6, n), p[6 * n : -6], p[-6:]
            return ((torch.relu(data @ inner.T + shift) @ outer - target) ** 2).mean()

        return loss, torch.cat([weights.reshape(-1), bias, out]), description
    kink, share = float(point[entry]) + distance, rng.uniform(0.3, 1)
    height = float(np.sin(kink)) - 0.3 * kink
    kinked = {
        "abs": lambda z: (z - kink).abs(),
        "relu": lambda z: torch.relu(z - kink),
        "max": lambda z: torch.maximum(z.sin(), 0.3 * z + height),
        "where": lambda z: torch.where(z < kink, 2 * (z - kink), (z - kink).exp() - 1),
    }[kind]
    return lambda x: base(x) + share * kinked(x[entry]), point, description
