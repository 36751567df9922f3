"""The complex step: Im f(x + ih) / h, which subtracts nothing.

Squire & Trapp, SIAM Review 40:110 (1998).
"""

import torch
from torch import Tensor

from autodiff_pipeline.derivatives.subject import Elementwise, Subject, Unavailable
from autodiff_pipeline.expressions.grammar import operations_of

_STEPS = {torch.float32: 2.0**-14, torch.float64: 2.0**-30}
_NOT_ANALYTIC = set("abs ceil floor i0e i1e relu round sign step trunc where".split())


def complex_step_quotient(function: Elementwise, x: Tensor, h: Tensor) -> Tensor:
    """Im f(x + ih) / h, truncation error O(h**2)."""
    return function(torch.complex(x, h)).imag / h


def complex_step(subject: Subject, order: int, x: Tensor) -> Tensor:
    """The first derivative, with a step whose square is below the dtype's precision.

    The step shrinks with |x| below 1, so that functions such as log stay within their domain, but
    remains so large that the step times the derivative is a normal number.
    """
    if order > 1:
        raise Unavailable("the complex step gives order 1 only")
    if x.dtype not in _STEPS:
        dtype = str(x.dtype).removeprefix("torch.")
        raise Unavailable(f"torch has no complex arithmetic for {dtype}")
    if kinked := sorted(operations_of(subject.expression) & _NOT_ANALYTIC):
        raise Unavailable(f"{kinked[0]} is not analytic")
    info = torch.finfo(x.dtype)
    h = _STEPS[x.dtype] * x.abs().clamp(max=1.0)
    h = torch.where(h < info.tiny / info.eps, info.tiny / info.eps, h)
    return complex_step_quotient(subject.function, x, h)
