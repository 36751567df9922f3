"""Exponentials and functions made of them: expm1, exp2, elu, selu."""

from functools import partial

import torch
from torch import Tensor

from autodiff_pipeline.stable.arithmetic import Elementwise, Real, product

_LOG_2_POWERS = (  # log(2)**k, k = 1 .. 4
    Real(0.6931471805599453, 2.3190468138462996e-17),
    Real(0.48045301391820144, -1.898786250636575e-17),
    Real(0.3330246519889295, -1.8994933742347683e-17),
    Real(0.23083509858308346, -7.079882179563017e-18),
)
_REACH = 900.0  # exp2 is far from overflow and underflow there

# The two numbers of Klambauer et al., Self-normalizing neural networks (2017), in 32 digits.
_SELU_SCALE = Real(1.0507009873554805, 3.9874847667154144e-17)
_SELU_SCALE_ALPHA = Real(1.7580993408473768, 1.41535193800845e-17)


def _exp2_derivative(factor: Real, x: Tensor) -> Tensor:
    """The factor times 2**x, even where 2**x alone would overflow."""
    near = x.clamp(-_REACH, _REACH)
    return product(torch.exp2(near), factor) * torch.exp2(x - near)


def _exp_below(x: Tensor) -> Tensor:
    return torch.where(x > 0, 0.0, torch.exp(x.clamp(max=0)))


def _elu_slope(x: Tensor) -> Tensor:
    return torch.exp(x.clamp(max=0))


def _selu(x: Tensor) -> Tensor:
    below = product(torch.expm1(x.clamp(max=0)), _SELU_SCALE_ALPHA)
    return torch.where(x > 0, x * _SELU_SCALE.high, below)


def _selu_slope(x: Tensor) -> Tensor:
    return torch.where(x > 0, _SELU_SCALE.high, _selu_below(x))


def _selu_below(x: Tensor) -> Tensor:
    return product(_exp_below(x), _SELU_SCALE_ALPHA)


EXPM1: tuple[Elementwise, ...] = (torch.expm1, *[torch.exp] * 4)
EXP2: tuple[Elementwise, ...] = (
    torch.exp2,
    *(partial(_exp2_derivative, power) for power in _LOG_2_POWERS),
)
# At the kink, 0, the derivatives are those from the left, as in torch.
ELU: tuple[Elementwise, ...] = (
    lambda x: torch.where(x > 0, x, torch.expm1(x.clamp(max=0))),
    _elu_slope,
    *[_exp_below] * 3,
)
SELU: tuple[Elementwise, ...] = (_selu, _selu_slope, *[_selu_below] * 3)
