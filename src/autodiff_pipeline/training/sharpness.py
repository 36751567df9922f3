"""Sharpness: the largest eigenvalue of the loss's Hessian, which bounds the learning rate.

Gradient descent with a learning rate above 2 / sharpness moves away from a minimum along the
steepest direction, however close to it it starts (Cohen et al., ICLR 2021). Negative curvature does
not bound the rate, so the sharpness is the largest eigenvalue, not the largest in magnitude. It is
at least 2, because the second derivative by c is 2, and no entry on the diagonal of a symmetric
matrix exceeds its largest eigenvalue.
"""

import torch
from torch import Tensor
from torch.nn import functional

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.method import GradientAndLoss

STEPS = 16  # enough for nearly all networks
TOLERANCE = 1e-4  # the largest residual that is accepted, relative to the eigenvalue
EXHAUSTED = 1e-12  # a remainder below this fraction of the largest product counts as rounding error
AT_ONCE = 2**19  # values of hidden units, 4 MiB; many arrays of this size are kept


def sharpness(
    gradient_and_loss: GradientAndLoss,
    parameters: Parameters,
    values_per_unit: int,
    steps: int = STEPS,
) -> Tensor:
    """Largest eigenvalue of the Hessian of each network's loss.

    Uses the method of Lanczos (1950), fully orthogonalized, on products of the Hessian H with
    vectors. If s is the value found and u its unit vector, some eigenvalue of H lies within the
    residual |H u - s u| of s. Networks whose residual is above TOLERANCE * s after these steps
    start again with twice as many; after as many steps as a network has parameters the residual is
    0. A residual cannot show that no other eigenvalue is larger, so the tests compare with the full
    Hessian, to 1e-6 (tests/training/test_sharpness.py).

    Args: parameters, w b v (D, I, H) and c (D, I); values_per_unit, how many numbers
    gradient_and_loss computes for a hidden unit, which limits how many networks are computed at
    once; steps, of the first attempt.
    Returns: (D, I); NaN where the Hessian is not finite.
    """
    data_sets, _, hidden_size = parameters.w.shape
    at_once = max(1, AT_ONCE // (data_sets * hidden_size * values_per_unit))
    parts = zip(*(torch.split(value, at_once, dim=1) for value in parameters), strict=True)
    eigenvalues = [
        _largest_eigenvalue(gradient_and_loss, Parameters(*part), steps) for part in parts
    ]
    return torch.cat(eigenvalues, dim=1)


def _largest_eigenvalue(
    gradient_and_loss: GradientAndLoss, parameters: Parameters, steps: int
) -> Tensor:
    size = 3 * parameters.w.shape[-1] + 1
    diagonal, beside = _lanczos(gradient_and_loss, parameters, min(steps, size))
    found, residual = _of_tridiagonal(diagonal, beside)
    if steps >= size:
        return found
    unsettled = residual > TOLERANCE * found.abs()  # false where not a number
    if not unsettled.any():
        return found
    # Unsettled networks come first in each data set. Every data set gives as many networks as the
    # one that has the most unsettled.
    most = int(unsettled.sum(1).max())
    index = unsettled.to(torch.int8).argsort(dim=1, descending=True, stable=True)[:, :most]
    w, b, v = (value.take_along_dim(index[..., None], dim=1) for value in parameters[:3])
    some = Parameters(w, b, v, parameters.c.gather(1, index))
    again = _largest_eigenvalue(gradient_and_loss, some, 2 * steps)
    return torch.where(unsettled, found.scatter(1, index, again), found)


def _lanczos(
    gradient_and_loss: GradientAndLoss, parameters: Parameters, steps: int
) -> tuple[Tensor, Tensor]:
    """The Hessian of each network in an orthonormal basis that makes it tridiagonal.

    Returns: its diagonal (D, I, steps) and the numbers beside it (D, I, steps), the last of which
    leads out of the basis.
    """
    # The Hessian is symmetric, so its product with a vector is the gradient of the gradient along
    # that vector, which is evaluated once for all products. `torch.func.vjp` says the same, but
    # spends a second on importing torch's compiler.
    at = Parameters(*(value.detach().requires_grad_() for value in parameters))
    gradient = gradient_and_loss(at)[0]

    def product(vector: Tensor) -> Tensor:
        along = torch.autograd.grad(
            gradient, at, _unpacked(vector), retain_graph=True, materialize_grads=True
        )
        return _packed(Parameters(*along))

    start = _packed(parameters)
    # A start without symmetries, lest it be orthogonal to the eigenvector.
    wave = torch.cos(torch.arange(start.shape[-1], dtype=start.dtype, device=start.device))
    direction = (wave / _norm(wave)).expand_as(start).contiguous()
    basis: list[Tensor] = []
    diagonal: list[Tensor] = []
    beside: list[Tensor] = []
    largest = torch.zeros_like(parameters.c[..., None])
    for _ in range(steps):
        basis.append(direction)
        rest = product(direction)
        largest = largest.maximum(_norm(rest))
        # One by one, so that rounding does not depend on how many networks there are.
        for other in basis:
            along = _inner(other, rest)
            rest = rest - along * other
        norm = _norm(rest)
        norm = torch.where(norm <= EXHAUSTED * largest, 0, norm)
        direction = torch.where(norm > 0, rest / norm, 0)
        diagonal.append(along)
        beside.append(norm)
    return torch.cat(diagonal, dim=-1), torch.cat(beside, dim=-1)


def _of_tridiagonal(diagonal: Tensor, beside: Tensor) -> tuple[Tensor, Tensor]:
    """Largest eigenvalue (D, I), and the norm of its residual, from what `_lanczos` returns."""
    steps = diagonal.shape[-1]
    # As in Levenberg-Marquardt: every matrix begins with a cache line, so LAPACK rounds them alike.
    padding = -steps % 8
    diagonal, within = (functional.pad(v, (0, padding)) for v in (diagonal, beside[..., :-1]))
    matrix = torch.diag_embed(diagonal) + torch.diag_embed(within, 1) + torch.diag_embed(within, -1)
    finite = matrix.isfinite().all(-1).all(-1)  # LAPACK refuses others
    values, vectors = torch.linalg.eigh(torch.where(finite[..., None, None], matrix, 0))
    found = torch.where(finite, values[..., -1], torch.nan)
    return found, beside[..., -1] * vectors[..., steps - 1, -1].abs()


def _packed(parameters: Parameters) -> Tensor:
    """All parameters of each network side by side, (D, I, 3 H + 1)."""
    return torch.cat([*parameters[:3], parameters.c[..., None]], dim=-1)


def _unpacked(vector: Tensor) -> Parameters:
    hidden_size = vector.shape[-1] // 3
    w, b, v, c = torch.split(vector, [*[hidden_size] * 3, 1], dim=-1)
    return Parameters(w, b, v, c[..., 0])


def _inner(a: Tensor, b: Tensor) -> Tensor:
    """Inner product of each network's vectors, (..., 1)."""
    return (a * b).sum(-1, keepdim=True)


def _norm(vector: Tensor) -> Tensor:
    return _inner(vector, vector).sqrt()
