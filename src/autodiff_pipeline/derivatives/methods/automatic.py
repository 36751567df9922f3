"""Automatic differentiation in every form that torch offers."""

import warnings

import torch
from torch import Tensor
from torch.func import grad, jvp

from autodiff_pipeline.derivatives.subject import Elementwise, Subject, Unavailable


def nested_grad(function: Elementwise, order: int, x: Tensor) -> Tensor:
    """The derivative of an order at every element of x, by `grad` of the sum, nested.

    The sum's slope along an element is the function's there, to the bit that of `grad` under
    `vmap`, which computes functions without a batching rule, such as log_ndtr, one by one.
    """
    for _ in range(order):
        function = _slope(function)
    return function(x)


def _slope(function: Elementwise) -> Elementwise:
    slope: Elementwise = grad(lambda x: function(x).sum())
    return slope


def nested_jvp(function: Elementwise, order: int, x: Tensor) -> Tensor:
    """The derivative of an order at every element of x, by nested `jvp` along ones."""
    for _ in range(order):
        function = _tangent(function)
    return function(x)


def _tangent(function: Elementwise) -> Elementwise:
    return lambda x: jvp(function, (x,), (torch.ones_like(x),))[1]


def reverse_mode(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Nested `torch.func.grad`."""
    return nested_grad(subject.function, order, x)


def forward_mode(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Nested `torch.func.jvp`."""
    return nested_jvp(subject.function, order, x)


def forward_over_reverse(subject: Subject, order: int, x: Tensor) -> Tensor:
    """`jvp` of `grad`, as Hessians are computed."""
    if order < 2:
        raise Unavailable("forward over reverse needs order 2 or more")
    return nested_jvp(_slope(subject.function), order - 1, x)


def autograd_grad(subject: Subject, order: int, x: Tensor) -> Tensor:
    """`torch.autograd.grad` of the sum, nested by `create_graph`."""
    x = x.detach().requires_grad_()
    value = subject.function(x)
    for k in range(order):
        if not value.requires_grad:  # constant by now
            return torch.zeros_like(x)
        (value,) = torch.autograd.grad(value.sum(), x, create_graph=k < order - 1)
    return value.detach()


def backward(subject: Subject, order: int, x: Tensor) -> Tensor:
    """`.backward()` on the sum, read from `.grad`; nested by `create_graph`."""
    x = x.detach().requires_grad_()
    value = subject.function(x)
    for k in range(order):
        if not value.requires_grad:
            return torch.zeros_like(x)
        with warnings.catch_warnings():  # of a reference cycle, which resetting x.grad breaks
            warnings.simplefilter("ignore", UserWarning)
            torch.autograd.backward(value.sum(), create_graph=k < order - 1)
        assert x.grad is not None
        value, x.grad = x.grad, None
    return value.detach()


def stable(subject: Subject, order: int, x: Tensor) -> Tensor:
    """The hand-written rules of the room `stable`, as every mode returns them.

    Differentiation would compute all orders, to return the same bits.
    """
    if subject.stable is None:
        raise Unavailable("no stable rule is written for this function")
    if order > len(subject.stable.derivatives):
        raise Unavailable(f"the stable rule has orders 1 to {len(subject.stable.derivatives)}")
    return subject.stable.derivative(order, x)
