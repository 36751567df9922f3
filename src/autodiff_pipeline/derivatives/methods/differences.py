"""Finite differences of any order, at the step that theory predicts.

A difference for the n-th derivative has a truncation error of O(h**p) and a round-off error of
about eps * |f| / h**n. The two balance at h ~ eps**(1/(n + p)) times the scale on which f varies,
which is taken to be max(1, |x|) (Nocedal & Wright, Numerical Optimization, section 8.1). Steps are
powers of two, so that x + h is hardly ever rounded.
"""

from itertools import pairwise
from math import comb

import torch
from torch import Tensor

from autodiff_pipeline.derivatives.subject import Elementwise, Subject


def balanced_step(x: Tensor, order: int, accuracy: int) -> Tensor:
    """The power of two nearest to eps**(1/(order + accuracy)) * max(1, |x|), elementwise."""
    relative = torch.finfo(x.dtype).eps ** (1 / (order + accuracy))
    exponent = torch.log2(relative * x.double().abs().clamp(min=1.0)).round()
    return torch.exp2(exponent).to(x.dtype)


def forward_quotient(function: Elementwise, order: int, x: Tensor, h: Tensor) -> Tensor:
    """Sum of (-1)**k C(n, k) f(x + (n - k) h) / h**n, truncation error O(h)."""
    return _quotient(function, x, h, order, [float(order - k) for k in range(order + 1)])


def central_quotient(function: Elementwise, order: int, x: Tensor, h: Tensor) -> Tensor:
    """Sum of (-1)**k C(n, k) f(x + (n/2 - k) h) / h**n, truncation error O(h**2)."""
    return _quotient(function, x, h, order, [order / 2 - k for k in range(order + 1)])


def _quotient(
    function: Elementwise, x: Tensor, h: Tensor, order: int, nodes: list[float]
) -> Tensor:
    total = torch.zeros_like(x)
    for k, node in enumerate(nodes):
        total = total + (-1) ** k * comb(order, k) * function(x + node * h)
    for _ in range(order):  # h**order may underflow
        total = total / h
    return total


def richardson_quotient(
    function: Elementwise, order: int, x: Tensor, h: Tensor, levels: int
) -> Tensor:
    """Central differences at h, h/2, h/4, ..., extrapolated: truncation error O(h**(2 levels))."""
    table = [central_quotient(function, order, x, h / 2**level) for level in range(levels)]
    for column in range(1, levels):
        weight = 4.0**column
        table = [(weight * b - a) / (weight - 1) for a, b in pairwise(table)]
    return table[0]


def forward_difference(subject: Subject, order: int, x: Tensor) -> Tensor:
    """One-sided finite difference at the step that balances truncation and round-off."""
    return forward_quotient(subject.function, order, x, balanced_step(x, order, accuracy=1))


def central_difference(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Symmetric finite difference at its own best step."""
    return central_quotient(subject.function, order, x, balanced_step(x, order, accuracy=2))


def richardson_3(subject: Subject, order: int, x: Tensor) -> Tensor:
    """Central differences at h, h/2, h/4, extrapolated to h = 0: three levels."""
    step = balanced_step(x, order, accuracy=2 * 3)
    return richardson_quotient(subject.function, order, x, step, levels=3)
