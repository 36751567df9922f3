"""Activations: each a function and its derivative by hand."""

import math
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import jvp
from torch.nn import functional

Elementwise = Callable[[Tensor], Tensor]


class Activation(NamedTuple):
    """A function of preactivations a, and its derivative."""

    function: Elementwise
    derivative: Callable[[Tensor, Tensor], Tensor]  # of a and function(a), which it may reuse


def activation_named(name: str) -> Activation:
    """The activation of that name: one of ACTIVATIONS or of STABLE_ACTIVATIONS.

    Values and derivatives are right to a rounding error of max(1, |a|), which is what matters in a
    sum of units; a derivative near 0 has fewer digits where 1 - value cancels. Activations whose
    name begins with ``stable_`` are right to their own last digits.
    """
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]
    # Imported by name, so that training a ReLU network does not depend on any stable rule.
    stable = import_module("autodiff_pipeline.stable.activations").STABLE_ACTIVATIONS[name]
    return Activation(stable, lambda a, value: jvp(stable, (a,), (torch.ones_like(a),))[1])


def _tanh(a: Tensor) -> Tensor:
    """Tanh by the logistic function, which compiled code evaluates faster than `torch.tanh`.

    It is also faster than any form we found that does not cancel. Near 0 the two terms cancel, so
    the error is a rounding error of 1, not of tanh(a), and no digit is right where tanh(a) is as
    small as that. `stable_tanh` has all digits.
    """
    return 2 * torch.sigmoid(2 * a) - 1


def _softplus(a: Tensor) -> Tensor:
    """Softplus; beyond torch's default threshold, 20, the result is a, which is off by exp(-20)."""
    return functional.softplus(a, threshold=40)


def _gelu_derivative(a: Tensor, value: Tensor) -> Tensor:
    distribution: Tensor = torch.special.ndtr(a)
    density = torch.exp(-a.square() / 2) / math.sqrt(2 * math.pi)
    return distribution + a * density


def _silu_derivative(a: Tensor, value: Tensor) -> Tensor:
    s = torch.sigmoid(a)
    return s + a * s * (1 - s)


ACTIVATIONS: Mapping[str, Activation] = {
    "relu": Activation(torch.relu, lambda a, value: (a > 0).to(a.dtype)),  # relu'(0) = 0
    "tanh": Activation(_tanh, lambda a, value: 1 - value.square()),
    "sigmoid": Activation(torch.sigmoid, lambda a, value: value * (1 - value)),
    "softplus": Activation(_softplus, lambda a, value: torch.sigmoid(a)),
    "gelu": Activation(functional.gelu, _gelu_derivative),
    "silu": Activation(functional.silu, _silu_derivative),
}
