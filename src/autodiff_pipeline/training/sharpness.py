"""Sharpness: the largest eigenvalue of the loss's Hessian, which bounds the learning rate.

Gradient descent with a rate above 2 / sharpness moves away from a minimum along the steepest
direction, however small its steps begin (Cohen et al., ICLR 2021).
"""

import torch
from torch import Tensor
from torch.func import vjp

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.method import GradientAndLoss

ITERATIONS = 30
AT_ONCE = 2**20  # values of hidden units, 8 MiB: `vjp` keeps dozens of arrays of this size


def sharpness(
    gradient_and_loss: GradientAndLoss,
    parameters: Parameters,
    values_per_unit: int,
    iterations: int = ITERATIONS,
) -> Tensor:
    """Largest eigenvalue, in magnitude, of the Hessian of each network's loss.

    Power iteration on Hessian-vector products; the result is the last Rayleigh quotient.

    Args: parameters, w b v (D, I, H) and c (D, I); values_per_unit, how many numbers the
    gradient takes for a hidden unit, which bounds how many networks are taken at once.
    Returns: (D, I); not a number where the gradient is not finite.
    """
    data_sets, _, hidden_size = parameters.w.shape
    at_once = max(1, AT_ONCE // (data_sets * hidden_size * values_per_unit))
    parts = zip(*(torch.split(value, at_once, dim=1) for value in parameters), strict=True)
    eigenvalues = [
        _largest_eigenvalue(gradient_and_loss, Parameters(*part), iterations) for part in parts
    ]
    return torch.cat(eigenvalues, dim=1)


def _largest_eigenvalue(
    gradient_and_loss: GradientAndLoss, parameters: Parameters, iterations: int
) -> Tensor:
    # The Hessian is symmetric, so its product with a vector is also that of the vector with it:
    # `vjp` of the gradient runs the gradient once for all products, `jvp` once for each.
    hessian = vjp(lambda p: gradient_and_loss(p)[0], parameters)[1]

    def product(vector: Parameters) -> Parameters:
        (along,) = hessian(vector, create_graph=False)
        return Parameters(*along)

    vector = _normalized(_start(parameters))
    for _ in range(iterations - 1):
        vector = _normalized(product(vector))
    return _inner(vector, product(vector)).detach()


def _start(parameters: Parameters) -> Parameters:
    """A fixed vector without any symmetry that an eigenvector might have."""

    def waves(value: Tensor) -> Tensor:
        width = value.shape[-1] if value.dim() == 3 else 1
        wave = torch.cos(torch.arange(width, dtype=value.dtype, device=value.device))
        return (wave if value.dim() == 3 else wave[0]).expand_as(value)

    return Parameters(*map(waves, parameters))


def _inner(a: Parameters, b: Parameters) -> Tensor:
    """Inner product of each network's vectors, (D, I)."""
    wide = sum((u * v).sum(-1) for u, v in zip(a[:3], b[:3], strict=True))
    return wide + a.c * b.c


def _normalized(vector: Parameters) -> Parameters:
    norm = _inner(vector, vector).sqrt().clamp_min(torch.finfo(vector.c.dtype).tiny)
    w, b, v = (value / norm[..., None] for value in vector[:3])
    return Parameters(w, b, v, vector.c / norm)
