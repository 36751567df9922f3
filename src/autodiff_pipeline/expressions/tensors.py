"""Expressions in torch tensors: how the formulas of the configuration are computed."""

import math
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from autodiff_pipeline.expressions.grammar import (
    Arithmetic,
    Expression,
    as_function,
    function_named,
)
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS, REALS

Value = Tensor | float


def _alike(*values: Value) -> list[Tensor]:
    """All as tensors, numbers in the dtype and on the device of the tensors."""
    tensor = next(value for value in values if isinstance(value, Tensor))
    return [
        value if isinstance(value, Tensor) else torch.full_like(tensor, value) for value in values
    ]


def _of_tensors(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of torch that takes tensors only, and no numbers."""
    return lambda *values: function(*_alike(*values))


def _clamp(x: Value, low: Value, high: Value) -> Tensor:
    if isinstance(x, Tensor) and not isinstance(low, Tensor) and not isinstance(high, Tensor):
        return torch.clamp(x, low, high)
    return torch.clamp(*_alike(x, low, high))


def _where(a: Value, b: Value, then: Callable[[], Value], otherwise: Callable[[], Value]) -> Value:
    """Both branches, as torch takes them; one of them where the condition is constant."""
    if not isinstance(a, Tensor) and not isinstance(b, Tensor):
        return then() if a < b else otherwise()
    condition = torch.as_tensor(a < b)
    x = a if isinstance(a, Tensor) else b
    _, first, second = _alike(x, then(), otherwise())
    return torch.where(condition, first, second)


TORCH_NAMES = {  # of torch's functions, beside those of the grammar
    **{
        name: f"torch.{name}"
        for name in (
            "abs acos acosh asin asinh atan atan2 atanh ceil clamp cos cosh deg2rad digamma "
            "erf erfc erfinv exp exp2 expm1 floor frac hypot i0 lgamma log log10 log1p log2 "
            "logaddexp logit pow rad2deg reciprocal relu round rsqrt sigmoid sign sin sinc "
            "sinh sqrt square tan tanh trunc"
        ).split()
    },
    **{
        name: f"torch.special.{name}"
        for name in "entr erfcx expit i0e i1 i1e log_ndtr ndtr ndtri xlog1py xlogy".split()
    },
    **{
        name: f"torch.nn.functional.{name}"
        for name in (
            "celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish "
            "relu6 selu silu softplus softshrink softsign tanhshrink"
        ).split()
    },
    "max": "torch.maximum",
    "min": "torch.minimum",
}

TAKING_NO_NUMBERS = ("atan2", "hypot", "logaddexp", "max", "min")

_TENSOR_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    **{name: attrgetter(path.removeprefix("torch."))(torch) for name, path in TORCH_NAMES.items()},
    **{
        name: _of_tensors(attrgetter(TORCH_NAMES[name].removeprefix("torch."))(torch))
        for name in TAKING_NO_NUMBERS
    },
    "clamp": _clamp,
    "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "polygamma": lambda n, x: torch.polygamma(int(n), x),
    "step": lambda x: (x > 0).to(x.dtype),
}


def _lift(name: str) -> Callable[..., Any]:
    """The tensor function, or the float one where its arguments are constant subexpressions."""
    of_floats = function_named(name, REALS)

    def lifted(*values: Any) -> Any:
        if any(isinstance(value, Tensor) for value in values):
            return _TENSOR_FUNCTIONS[name](*values)
        return of_floats(*values)

    return lifted


TENSORS = Arithmetic(
    constant=float,
    names={"pi": math.pi, "e": math.e},
    operations={
        **ARITHMETIC_OPERATORS,
        "power": lambda base, exponent: base**exponent,
        "where": _where,
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
