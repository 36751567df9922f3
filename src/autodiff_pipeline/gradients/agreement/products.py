"""Every way to compute products of the loss's Hessian with vectors.

A method takes K directions at once, (K, 3 H + 1). One direction is a Hessian-vector product; the
unit vectors give the whole Hessian.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.func import grad, jvp, vjp, vmap

from autodiff_pipeline.gradients.agreement.case import STEPS, Case, Unavailable
from autodiff_pipeline.gradients.agreement.gradients import COMPLEX_STEPS, complex_case
from autodiff_pipeline.networks.by_hand import network_gradient
from autodiff_pipeline.networks.network import Parameters, from_vector, to_vector
from autodiff_pipeline.training import moments

VectorFunction = Callable[[Tensor], Tensor]


def forward_over_reverse(case: Case, directions: Tensor) -> Tensor:
    """`jvp` of `grad`, as `torch.func.hessian` does."""
    return _forward_over(grad(case.loss), case, directions)


def reverse_over_forward(case: Case, directions: Tensor) -> Tensor:
    """`grad` of the slope along a direction."""

    def product(direction: Tensor) -> Tensor:
        along: Tensor = grad(lambda p: jvp(case.loss, (p,), (direction,))[1])(case.vector)
        return along

    products: Tensor = vmap(product)(directions)
    return products


def reverse_over_reverse(case: Case, directions: Tensor) -> Tensor:
    """`vjp` of `grad`: the Hessian is symmetric."""
    back = vjp(grad(case.loss), case.vector)[1]
    products: Tensor = vmap(lambda direction: back(direction)[0])(directions)
    return products


def autograd_grad(case: Case, directions: Tensor) -> Tensor:
    """`torch.autograd.grad` twice, by `create_graph`."""
    vector = case.vector.requires_grad_()
    (gradient,) = torch.autograd.grad(case.loss(vector), vector, create_graph=True)
    products: Tensor = torch.autograd.grad(
        gradient, vector, grad_outputs=directions, is_grads_batched=True
    )[0]
    return products


def backward(case: Case, directions: Tensor) -> Tensor:
    """`.backward()` on gradients of an `nn.Module`, one direction after another."""
    if len(directions) > 1:
        raise Unavailable("a backward pass for every row of a Hessian")
    module = case.module()
    values = list(module.parameters())
    gradients = torch.autograd.grad(module.loss(case.x, case.y), values, create_graph=True)
    torch.cat([g.flatten() for g in gradients]).backward(directions[0])  # type: ignore[no-untyped-call]
    return torch.cat([v.grad.flatten() for v in values if v.grad is not None])[None]


def per_example(case: Case, directions: Tensor) -> Tensor:
    """The mean of the products of every example."""

    def product(direction: Tensor, x: Tensor, y: Tensor) -> Tensor:
        gradient = grad(lambda p: case.loss_of_example(p, x, y))
        along: Tensor = jvp(gradient, (case.vector,), (direction,))[1]
        return along

    if len(directions) > 1:
        raise Unavailable("a Hessian for every example")
    products: Tensor = vmap(product, in_dims=(None, 0, 0))(directions[0], case.x, case.y)
    return products.mean(0)[None]


def by_hand(case: Case, directions: Tensor) -> Tensor:
    """`jvp` of the gradient by hand."""
    return _forward_over(_by_hand(case), case, directions)


def by_moments(case: Case, directions: Tensor) -> Tensor:
    """`vjp` of the gradient by moments, for all directions at once."""
    if case.activation != "relu":
        raise Unavailable("moments are those of piecewise linear networks")
    prepared = moments.prepare(case.x[None], case.y[None])
    count = len(directions)
    same = Parameters(*(v.expand(1, count, *v.shape) for v in case.parameters))
    of_each = vmap(lambda d: from_vector(d, case.parameters))(directions)
    along = Parameters(*(value[None] for value in of_each))
    back = vjp(lambda p: moments.gradient_and_loss(p, prepared)[0], same)[1]
    (product,) = back(along)
    return torch.cat([v[0].reshape(count, -1) for v in product], dim=1)


def central_difference(case: Case, directions: Tensor) -> Tensor:
    """Of the gradient by reverse mode, along the direction."""
    step = STEPS[case.x.dtype]
    gradient = vmap(grad(case.loss))
    ahead, behind = case.vector + step * directions, case.vector - step * directions
    difference: Tensor = gradient(ahead) - gradient(behind)
    return difference / (2 * step)


def complex_step(case: Case, directions: Tensor) -> Tensor:
    """Im gradient(p + ih d) / h, of the gradient by hand."""
    h = COMPLEX_STEPS[case.x.dtype]
    steps = h * directions
    at = torch.complex(case.vector.expand_as(steps), steps)
    products: Tensor = vmap(_by_hand(complex_case(case)))(at)
    return products.imag / h


def _by_hand(case: Case) -> VectorFunction:
    def gradient(vector: Tensor) -> Tensor:
        parameters = from_vector(vector, case.parameters)
        return to_vector(network_gradient(parameters, case.x, case.y, case.activation)[0])

    return gradient


def _forward_over(gradient: VectorFunction, case: Case, directions: Tensor) -> Tensor:
    along = vmap(lambda direction: jvp(gradient, (case.vector,), (direction,))[1])
    products: Tensor = along(directions)
    return products


PRODUCTS: Mapping[str, Callable[[Case, Tensor], Tensor]] = {
    "forward_over_reverse": forward_over_reverse,
    "reverse_over_forward": reverse_over_forward,
    "reverse_over_reverse": reverse_over_reverse,
    "autograd_grad": autograd_grad,
    "backward": backward,
    "per_example": per_example,
    "by_hand": by_hand,
    "moments": by_moments,
    "central_difference": central_difference,
    "complex_step": complex_step,
}
