"""Every way to a derivative: one short function each, and the registry that names them.

A method maps (subject, order, x) to the derivative of that order at every element of the tensor
x, in x's dtype. One that cannot serve a subject, an order or a dtype raises Unavailable with the
reason, in words fit for a table.
"""

import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import grad, jvp, vmap

from autodiff_pipeline.derivatives.differences import central, forward, richardson
from autodiff_pipeline.expressions import symbols
from autodiff_pipeline.expressions.grammar import Expression, Operation, nodes
from autodiff_pipeline.expressions.tensors import tensor_function

Elementwise = Callable[[Tensor], Tensor]


class Subject(NamedTuple):
    """A function whose derivatives are examined."""

    name: str
    function: Elementwise
    expression: Expression  # what the function means
    formula: Expression | None  # differentiated by the method `exact`; None for an operator
    stable: Elementwise | None  # the same function with hand-written, stable rules


class Unavailable(Exception):  # noqa: N818 (not an error: an entry of the table)
    """Why a method cannot give this derivative."""


Method = Callable[[Subject, int, Tensor], Tensor]

_formula = lru_cache(maxsize=64)(symbols.derivative)


def exact(subject: Subject, order: int, x: Tensor) -> Tensor:
    """The textbook formula from SymPy, evaluated in x's dtype."""
    if subject.formula is None:
        raise Unavailable("an operator has no formula; see the expression")
    return tensor_function(_formula(subject.formula, order))(x)


def reverse_mode(function: Elementwise, order: int, x: Tensor) -> Tensor:
    """`grad`, nested and vectorized."""
    for _ in range(order):
        function = grad(function)
    return vmap(function)(x)


def forward_mode(function: Elementwise, order: int, x: Tensor) -> Tensor:
    """`jvp` along ones, nested."""
    for _ in range(order):
        function = _tangent(function)
    return function(x)


def _tangent(function: Elementwise) -> Elementwise:
    return lambda x: jvp(function, (x,), (torch.ones_like(x),))[1]


def reverse(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Reverse mode: nested `torch.func.grad` under `vmap`."""
    return reverse_mode(subject.function, order, x)


def forward_(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Forward mode: nested `torch.func.jvp`."""
    return forward_mode(subject.function, order, x)


def mixed(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Forward over reverse: `jvp` of `grad`, as Hessians are computed."""
    if order < 2:
        raise Unavailable("forward over reverse needs order 2 or more")
    return forward_mode(vmap(grad(subject.function)), order - 1, x)


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


def forward_difference(subject: Subject, order: int, x: Tensor) -> Tensor:
    """One-sided finite difference at the step that balances truncation and round-off."""
    return forward(subject.function, order, x)


def central_difference(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Symmetric finite difference at its own best step."""
    return central(subject.function, order, x)


def richardson_extrapolation(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Central differences at h, h/2, h/4, extrapolated to h = 0."""
    return richardson(subject.function, order, x)


_COMPLEX_STEPS = {torch.float32: 2.0**-14, torch.float64: 2.0**-30}
_NOT_ANALYTIC = {"abs", "relu", "sign", "step"}


def complex_step(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Im f(x + ih) / h, which subtracts nothing (Squire & Trapp 1998, SIAM Review 40:110).

    h is so small that h**2 drops below the dtype's precision, relative to |x| below 1 so that
    log is served too, and large enough that h times the derivative stays a normal number.
    """
    if order > 1:
        raise Unavailable("the complex step gives order 1 only")
    if x.dtype not in _COMPLEX_STEPS:
        raise Unavailable(f"torch has no complex arithmetic for {str(x.dtype)[6:]}")
    if kinked := sorted(_operations(subject.expression) & _NOT_ANALYTIC):
        raise Unavailable(f"{kinked[0]} is not analytic")
    info = torch.finfo(x.dtype)
    h = _COMPLEX_STEPS[x.dtype] * x.abs().clamp(max=1.0)
    h = torch.where(h < info.tiny / info.eps, info.tiny / info.eps, h)
    return subject.function(torch.complex(x, h)).imag / h


def _operations(expression: Expression) -> set[str]:
    return {node.name for node in nodes(expression) if isinstance(node, Operation)}


def stable(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Reverse mode through the hand-written rules of `stable.py`."""
    if subject.stable is None:
        raise Unavailable("no stable rule is written for this function")
    return reverse_mode(subject.stable, order, x)


METHODS: dict[str, Method] = {
    "exact": exact,
    "reverse": reverse,
    "forward": forward_,
    "mixed": mixed,
    "autograd_grad": autograd_grad,
    "backward": backward,
    "forward_difference": forward_difference,
    "central_difference": central_difference,
    "richardson": richardson_extrapolation,
    "complex_step": complex_step,
    "stable": stable,
}


_LANES = 64  # a multiple of every vector register's length


def derivative(method: str, subject: Subject, order: int, x: Tensor) -> Tensor:
    """The derivative by the named method; Unavailable also where torch itself cannot.

    Torch takes the elements left over after whole vector registers through other code, with other
    results: the derivative of gelu at -8.4 is 0 in a long float32 tensor and -1.6e-15 in a short
    one. So x is filled up to whole registers, and a value does not depend on its neighbours.
    """
    padding = x[-1:].expand(-len(x) % _LANES)
    try:
        return METHODS[method](subject, order, torch.cat([x, padding]))[: len(x)]
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        reason = str(error).strip().splitlines()[0][:120].replace(",", ";")
        raise Unavailable(f"not served by torch: {reason}") from error
