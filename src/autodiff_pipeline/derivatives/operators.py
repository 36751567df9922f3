"""Torch's own elementwise operators that a configuration may name: a fixed allowlist."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

OPERATORS: dict[str, Callable[[Tensor], Tensor]] = {
    "abs": torch.abs,
    "erf": torch.erf,
    "erfc": torch.erfc,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "gelu": functional.gelu,
    "log": torch.log,
    "log1p": torch.log1p,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
    "sin": torch.sin,
    "softplus": functional.softplus,
    "sqrt": torch.sqrt,
    "tanh": torch.tanh,
    "tanhshrink": functional.tanhshrink,
}
