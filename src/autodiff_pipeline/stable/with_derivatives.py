"""A function of tensors with hand-written derivatives, as its own Taylor polynomial.

At a point x the value of ``sum_k derivatives[k](d) * (x - d)**k / k!`` with d = x held constant
is derivatives[0](x), and automatic differentiation of the polynomial in (x - d), which is 0,
returns the hand-written derivatives unchanged. It consists of ordinary operations only, so it
works in every composition of `grad`, `jvp`, `vmap`, `backward` and `torch.compile`. A custom
`torch.autograd.Function` does not: in torch 2.13 a nested `jvp` through one is silently 0
(tests/stable/test_activations.py).

Everything is done in float64, and rounded once to the dtype of the argument.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Elementwise = Callable[[Tensor], Tensor]

# In place of u**k / k!, whose factorials would be rounded: at 0 their derivatives are 1 for order
# k, and 0 for all others up to 4.
_MONOMIALS: tuple[Elementwise, ...] = (
    lambda u: u,
    lambda u: u * u / 2,
    lambda u: (torch.sinh(u) - torch.sin(u)) / 2,
    lambda u: (torch.cosh(u) + torch.cos(u)) / 2 - 1,
)

_LARGEST = torch.finfo(torch.float64).max


@dataclass(frozen=True)
class WithDerivatives:
    """The function ``value`` whose derivative of order k is derivatives[k - 1].

    ``value`` and the derivatives, four at most, are elementwise functions of float64 tensors; the
    result takes floating-point tensors of any dtype. A derivative that overflows in float64 is its
    largest number. Orders beyond the last are infinite or NaN, never a wrong number; so is
    everything at infinite x.
    """

    value: Elementwise
    derivatives: tuple[Elementwise, ...]

    def __call__(self, x: Tensor) -> Tensor:
        """The function applied to every element, in the dtype of x."""
        working = x.double()
        fixed = working.detach()
        difference = working - fixed
        # Zero to the power order + 1/2 has `order` derivatives that are 0, then an infinite one.
        total = self.value(fixed) + difference.pow(len(self.derivatives) + 0.5)
        terms = zip(self.derivatives, _MONOMIALS, strict=False)
        for k, (derivative, monomial) in enumerate(terms, start=1):
            exact = derivative(fixed).clamp(-_LARGEST, _LARGEST)  # infinity times 0 is NaN
            # Small derivatives are not halved, and rounded, on the way, nor do large ones overflow.
            scale = torch.where(exact.abs() < 1, 0.5, 1.0)
            total = total + exact / scale.pow(k) * monomial(difference * scale)
        return total.to(x.dtype)

    def derivative(self, order: int, x: Tensor) -> Tensor:
        """The derivative itself, in the dtype of x: to the bit what differentiation returns."""
        exact = self.derivatives[order - 1](x.double())
        return exact.clamp(-_LARGEST, _LARGEST).to(x.dtype)
