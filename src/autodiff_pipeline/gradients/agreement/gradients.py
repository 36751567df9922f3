"""Every way to compute the gradient of a network's loss."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.func import grad, jacfwd, vmap

from autodiff_pipeline.gradients.agreement.case import MOST_PASSES, STEPS, Case, Unavailable
from autodiff_pipeline.networks.by_hand import network_gradient
from autodiff_pipeline.networks.network import Parameters, to_vector
from autodiff_pipeline.training import moments

COMPLEX = {torch.float32: torch.complex64, torch.float64: torch.complex128}
COMPLEX_STEPS = {torch.float32: 2.0**-14, torch.float64: 2.0**-30}  # squares below the precision


def reverse_mode(case: Case) -> Tensor:
    """`torch.func.grad`."""
    gradient: Tensor = grad(case.loss)(case.vector)
    return gradient


def forward_mode(case: Case) -> Tensor:
    """`torch.func.jacfwd`: a `jvp` for every parameter."""
    gradient: Tensor = jacfwd(case.loss)(_few(case).vector)
    return gradient


def autograd_grad(case: Case) -> Tensor:
    """`torch.autograd.grad` of a tensor that requires it."""
    vector = case.vector.requires_grad_()
    (gradient,) = torch.autograd.grad(case.loss(vector), vector)
    return gradient


def backward(case: Case) -> Tensor:
    """`.backward()` on the loss of an `nn.Module`, read from `.grad`."""
    module = case.module()
    module.loss(case.x, case.y).backward()  # type: ignore[no-untyped-call]
    gradients = [value.grad for value in module.parameters()]
    return torch.cat([g.flatten() for g in gradients if g is not None])


def per_example(case: Case) -> Tensor:
    """The mean of the gradients of every example, by `vmap`."""
    each = vmap(grad(case.loss_of_example), in_dims=(None, 0, 0))
    gradients: Tensor = each(case.vector, case.x, case.y)
    return gradients.mean(0)


def by_hand(case: Case) -> Tensor:
    """Backpropagation written out."""
    return to_vector(network_gradient(case.parameters, case.x, case.y, case.activation)[0])


def by_moments(case: Case) -> Tensor:
    """By hand from sums over the pieces of a ReLU network: no pass over the data."""
    if case.activation != "relu":
        raise Unavailable("moments are those of piecewise linear networks")
    alone = Parameters(*(value[None, None] for value in case.parameters))
    gradient, _ = moments.gradient_and_loss(alone, moments.prepare(case.x[None], case.y[None]))
    return to_vector(gradient)


def central_difference(case: Case) -> Tensor:
    """Of the loss by every parameter, with the step of best order, divided by the step taken."""
    vector = _few(case).vector
    step = STEPS[vector.dtype] * vector.abs().clamp(min=1.0)
    above, below = vector + step, vector - step
    losses = vmap(case.loss)
    ahead = losses(torch.where(_diagonal(vector), above, vector))
    behind = losses(torch.where(_diagonal(vector), below, vector))
    return (ahead - behind) / (above - below)


def complex_step(case: Case) -> Tensor:
    """Im loss(p + ih) / h by every parameter: nothing is subtracted.

    Where the activation is not analytic, or torch does not have it for complex numbers, there is
    none.
    """
    h = COMPLEX_STEPS[case.x.dtype]
    steps = h * torch.eye(len(_few(case).vector), dtype=case.x.dtype)
    return (
        vmap(complex_case(case).loss)(torch.complex(case.vector.expand_as(steps), steps)).imag / h
    )


def complex_case(case: Case) -> Case:
    """The case in complex numbers. Raises Unavailable where the activation has none."""
    if case.activation.startswith("stable_"):
        raise Unavailable(f"{case.activation} is computed in real numbers")
    lifted = case.to(COMPLEX[case.x.dtype])
    try:
        lifted.phi(lifted.vector)
    except RuntimeError as error:  # as torch says it of relu, gelu, softplus
        raise Unavailable(f"torch has no {case.activation} of complex numbers") from error
    return lifted


def _few(case: Case) -> Case:
    if len(case.vector) > MOST_PASSES:
        raise Unavailable("a pass over the data for every parameter")
    return case


def _diagonal(vector: Tensor) -> Tensor:
    return torch.eye(len(vector), dtype=torch.bool)


GRADIENTS: Mapping[str, Callable[[Case], Tensor]] = {
    "reverse_mode": reverse_mode,
    "forward_mode": forward_mode,
    "autograd_grad": autograd_grad,
    "backward": backward,
    "per_example": per_example,
    "by_hand": by_hand,
    "moments": by_moments,
    "central_difference": central_difference,
    "complex_step": complex_step,
}
