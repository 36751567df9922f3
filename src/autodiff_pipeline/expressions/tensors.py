"""Expressions in torch tensors: how the formulas of the configuration are computed."""

import math
import operator
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
from autodiff_pipeline.expressions.names import TAKING_NO_NUMBERS, TORCH_NAMES
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS, REALS, as_in_arrays

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


def _of_pairs(function: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    """A function of torch along the last dimension, in which two values stand."""
    return lambda *values: function(torch.stack(_alike(*values), -1))


def _loss(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A loss of torch, of each element."""
    return lambda *values: function(*_alike(*values), reduction="none")


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


def _named(path: str) -> Callable[..., Tensor]:
    function: Callable[..., Tensor] = attrgetter(path.removeprefix("torch."))(torch)
    return function


_TENSOR_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    **{name: _named(path) for name, path in TORCH_NAMES.items()},
    **{name: _of_tensors(_named(TORCH_NAMES[name])) for name in TAKING_NO_NUMBERS},
    "bce": _loss(functional.binary_cross_entropy),
    "bce_with_logits": _loss(functional.binary_cross_entropy_with_logits),
    "clamp": _clamp,
    "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
    "glu": _of_pairs(lambda pair: functional.glu(pair)[..., 0]),
    "ldexp": lambda x, n: torch.ldexp(x, torch.tensor(int(n))),
    "log_softmax": _of_pairs(lambda pair: pair.log_softmax(-1)[..., 0]),
    "logsumexp": _of_pairs(lambda pair: pair.logsumexp(-1)),
    "norm": _of_pairs(lambda pair: torch.linalg.vector_norm(pair, dim=-1)),
    "soft_margin_loss": _loss(functional.soft_margin_loss),
    "softmax": _of_pairs(lambda pair: pair.softmax(-1)[..., 0]),
    "polygamma": lambda n, x: torch.polygamma(int(n), x),
    "step": lambda x: (x > 0).to(x.dtype),
}


def _lift(name: str) -> Callable[..., Any]:
    """The tensor function, or the float one where its arguments are constant subexpressions."""
    of_floats = as_in_arrays(function_named(name, REALS))

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
        "divide": as_in_arrays(operator.truediv),
        "power": as_in_arrays(operator.pow),
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
