"""Sharpness: the largest eigenvalue of the loss's Hessian, which bounds the learning rate.

Gradient descent with a rate above 2 / sharpness moves away from a minimum along the steepest
direction, however small its steps begin (Cohen et al., ICLR 2021).
"""

import torch
from torch import Tensor
from torch.func import jvp
from torch.utils._pytree import tree_map

from autodiff_pipeline.network import Parameters
from autodiff_pipeline.training.loop import GradientAndLoss

ITERATIONS = 30


def sharpness(
    gradient_and_loss: GradientAndLoss, parameters: Parameters, iterations: int = ITERATIONS
) -> Tensor:
    """Largest eigenvalue, in magnitude, of the Hessian of each network's loss.

    Power iteration on Hessian-vector products, each the derivative of the gradient along a vector
    (`jvp` of the gradient); the result is the last Rayleigh quotient.

    Args: parameters, w b v (D, I, H) and c (D, I).
    Returns: (D, I); not a number where the gradient is not finite.
    """

    def product(vector: Parameters) -> Parameters:
        derivative: Parameters = jvp(lambda p: gradient_and_loss(p)[0], (parameters,), (vector,))[1]
        return derivative

    vector = _normalized(_start(parameters))
    for _ in range(iterations - 1):
        vector = _normalized(product(vector))
    return _inner(vector, product(vector))


def _start(parameters: Parameters) -> Parameters:
    """A fixed vector without any symmetry that an eigenvector might have."""

    def waves(value: Tensor) -> Tensor:
        width = value.shape[-1] if value.dim() == 3 else 1
        wave = torch.cos(torch.arange(width, dtype=value.dtype, device=value.device))
        return (wave if value.dim() == 3 else wave[0]).expand_as(value)

    vector: Parameters = tree_map(waves, parameters)
    return vector


def _inner(a: Parameters, b: Parameters) -> Tensor:
    """Inner product of each network's vectors, (D, I)."""
    wide = sum((u * v).sum(-1) for u, v in zip(a[:3], b[:3], strict=True))
    return wide + a.c * b.c


def _normalized(vector: Parameters) -> Parameters:
    norm = _inner(vector, vector).sqrt().clamp_min(torch.finfo(vector.c.dtype).tiny)
    w, b, v = (value / norm[..., None] for value in vector[:3])
    return Parameters(w, b, v, vector.c / norm)
