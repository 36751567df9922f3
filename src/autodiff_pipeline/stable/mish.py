"""Mish, x tanh(softplus(x)) (Misra 2019), and its first two derivatives.

With t = tanh(softplus(x)) they are t + x t' and 2 t' + x t''. Each is rational in w = exp(x) for
x < 0, and in e = exp(-x) for x > 0, with positive terms but for one factor of t''.
"""

import torch
from torch import Tensor

from autodiff_pipeline.stable.arithmetic import Elementwise


def _decay(x: Tensor) -> Tensor:
    return torch.exp(-x.abs())


def _t(x: Tensor) -> Tensor:
    e = _decay(x)
    below = e * (2 + e) / (e * (2 + e) + 2)
    return torch.where(x > 0, (1 + 2 * e) / (1 + 2 * e * (1 + e)), below)


def _t_slope(x: Tensor) -> Tensor:
    e = _decay(x)
    below = 4 * e * (1 + e) / (e * (2 + e) + 2).square()
    return torch.where(x > 0, 4 * e * e * (1 + e) / (1 + 2 * e * (1 + e)).square(), below)


def _t_curvature(x: Tensor) -> Tensor:
    e = _decay(x)
    below = 4 * e * (2 + e * (2 - e * (3 + 2 * e))) / (e * (2 + e) + 2).pow(3)
    above = 4 * e * e * (e * e * (2 + 2 * e) - (2 + 3 * e)) / (1 + 2 * e * (1 + e)).pow(3)
    return torch.where(x > 0, above, below)


MISH: tuple[Elementwise, ...] = (
    lambda x: x * _t(x),
    lambda x: _t(x) + x * _t_slope(x),
    lambda x: 2 * _t_slope(x) + x * _t_curvature(x),
)
