"""Expressions in torch tensors: what the configuration's formulas become when they are run."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autodiff_pipeline.expressions.grammar import Arithmetic, Expression, as_function
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS, REALS

_TENSOR_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    **{
        name: getattr(torch, name)
        for name in (
            "abs acos acosh asin asinh atan atanh cos cosh erf erfc exp expm1 log log1p relu "
            "sigmoid sign sin sinh sqrt tan tanh"
        ).split()
    },
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "step": lambda x: (x > 0).to(x.dtype),
}


def _lift(name: str) -> Callable[[Any], Any]:
    """The tensor function, or the float one where its argument is a constant subexpression."""

    def lifted(value: Any) -> Any:
        if isinstance(value, Tensor):
            return _TENSOR_FUNCTIONS[name](value)
        return REALS.operations[name](value)

    return lifted


TENSORS = Arithmetic(
    constant=float,
    names={"pi": math.pi, "e": math.e},
    operations={
        **ARITHMETIC_OPERATORS,
        "power": lambda base, exponent: base**exponent,
        **{name: _lift(name) for name in _TENSOR_FUNCTIONS},
    },
)


def tensor_function(expression: Expression) -> Callable[[Tensor], Tensor]:
    """The expression as a function of a tensor x, elementwise, of x's shape, dtype and device.

    Constants enter as Python numbers and so take the dtype of the tensor they meet.
    """
    of_tensor = as_function(expression, TENSORS)

    def filled(x: Tensor) -> Tensor:
        value = of_tensor(x)
        return value if isinstance(value, Tensor) else torch.full_like(x, value)

    return filled
