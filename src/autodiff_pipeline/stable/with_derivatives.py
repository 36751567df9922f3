"""A function of tensors with hand-written derivatives, as its own Taylor polynomial.

At a point x the value of ``sum_k derivatives[k](d) * (x - d)**k / k!`` with d = x held constant
is derivatives[0](x), and automatic differentiation of the polynomial in (x - d), which is 0,
returns the hand-written derivatives unchanged. It consists of ordinary operations only, so it
works in every composition of `grad`, `jvp`, `vmap`, `backward` and `torch.compile`. A custom
`torch.autograd.Function` does not: in torch 2.13 a nested `jvp` through one is silently 0, and
compiling one that has a `jvp` with `fullgraph=True` fails in `backward`.
"""

from collections.abc import Callable
from math import factorial

import torch
from torch import Tensor

Elementwise = Callable[[Tensor], Tensor]

_SCALE = 2.0**-24  # a power of two; its inverse to the fourth is still small in float32


def with_derivatives(*derivatives: Elementwise) -> Elementwise:
    """The function derivatives[0] whose derivative of order k is derivatives[k], to the last.

    Half-precision arguments are served in float32 and rounded once. Higher orders than the last
    are infinite or NaN, never a wrong number; so is everything at infinite x.
    """

    def function(x: Tensor) -> Tensor:
        working = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        fixed = working.detach()
        taylor = [derivative(fixed) for derivative in derivatives]
        order = len(taylor) - 1
        # The scale keeps subnormal derivatives from being halved, and rounded, on the way.
        small = (working - fixed) * _SCALE
        # Zero to the power order + 1/2 has `order` derivatives that are 0, then an infinite one.
        total = taylor[0] + small.pow(order + 0.5)
        for k in range(1, order + 1):
            total = total + taylor[k] * (_SCALE**-k / factorial(k)) * small.pow(k)
        return total.to(x.dtype)

    return function
