"""Activations: each a function and its derivative by hand, in one record."""

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
    derivative: Callable[[Tensor, Tensor], Tensor]  # from a and function(a), which may save work


def activation_named(name: str) -> Activation:
    """The activation of that name: one of ACTIVATIONS, or ``stable_`` and a function with a rule.

    Values and derivatives are right to the rounding of max(1, |a|), which is what matters in a sum
    of units; where 1 - value cancels, a derivative near 0 has fewer digits. Those called stable
    are right to their own last digits.
    """
    if name in ACTIVATIONS:
        return ACTIVATIONS[name]
    # Loaded by name: what trains a ReLU network does not depend on any stable rule.
    stable = import_module("autodiff_pipeline.stable.activations").STABLE_ACTIVATIONS[name]
    return Activation(stable, lambda a, value: jvp(stable, (a,), (torch.ones_like(a),))[1])


def _tanh(a: Tensor) -> Tensor:
    """Tanh by the logistic function, which compiled code evaluates faster than `torch.tanh`.

    Faster, too, than any form found that does not cancel. It is right to a rounding
    error of 1, not of itself: beside 0 the two terms cancel, and where tanh(a) is as small as that
    error it has no digit. `stable_tanh` has all of them.
    """
    return 2 * torch.sigmoid(2 * a) - 1


def _softplus(a: Tensor) -> Tensor:
    """Softplus; torch's own threshold, 20, beyond which it returns a, is off by exp(-20) there."""
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
