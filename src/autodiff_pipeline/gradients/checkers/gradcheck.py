"""`torch.autograd.gradcheck` with its defaults: central differences, entry by entry or projected.

The difference over ± 1e-6 has to agree with the gradient to atol 1e-5 + rtol 1e-3; fast mode
compares one random combination of all entries. There is no third answer.
"""

from typing import Any

import torch
from torch import Tensor

from autodiff_pipeline.gradients.checkers.claim import Claim, Verdict


def slow(claim: Claim, seed: int) -> Verdict:
    """Every entry by itself; draws nothing."""
    return _verdict(claim, fast_mode=False)


def fast(claim: Claim, seed: int) -> Verdict:
    """One combination of all entries, which torch draws from a seed of its own."""
    return _verdict(claim, fast_mode=True)


def _verdict(claim: Claim, *, fast_mode: bool) -> Verdict:
    class Claimed(torch.autograd.Function):
        """The function, with the claimed gradient as its backward."""

        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            return claim.function(x.detach())

        @staticmethod
        def backward(ctx: Any, *upstream: Tensor) -> Tensor:
            return upstream[0] * claim.gradient

    point = claim.point.clone().requires_grad_()
    passed = torch.autograd.gradcheck(
        Claimed.apply, (point,), raise_exception=False, fast_mode=fast_mode
    )
    return "right" if passed else "wrong"
