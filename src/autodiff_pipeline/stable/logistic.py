"""The logistic function s(x) = 1 / (1 + exp(-x)) and its relatives: sigmoid, tanh, softplus.

With z = |x| and e = exp(-z), the derivatives of s from the third on have three forms: near 0 a
polynomial in z**2; then exp(-z) times a polynomial in z; far out exp(-z) times a power series in
e, as s = 1 - e + e**2 - ... The polynomials are fitted by mpmath.chebyfit.
"""

import torch
from torch import Tensor

from autodiff_pipeline.stable import coefficients
from autodiff_pipeline.stable.arithmetic import (
    Elementwise,
    Expansion,
    Real,
    decayed,
    polynomial,
    product,
)

_FAR = 4.0
_THIRD_NEAR = Expansion(  # s^(3) for z**2 <= 2.5
    1.25,
    coefficients.LOGISTIC_THIRD_NEAR,
    [Real(1.3169578969248168, -8.682250844852022e-17)],  # log(2 + sqrt(3))
)
_THIRD_MIDDLE = Expansion(  # s^(3) exp(z) on [1.5, 4]
    2.75,
    coefficients.LOGISTIC_THIRD_MIDDLE,
    [Real(1.3169578969248168, -8.682250844852022e-17)],
)
_FOURTH_NEAR = Expansion(  # s^(4) / z on [0, 1.25]
    0.78125,
    coefficients.LOGISTIC_FOURTH_NEAR,
)
_FOURTH_MIDDLE = Expansion(  # s^(4) exp(z) on [1.25, 4]
    2.625,
    coefficients.LOGISTIC_FOURTH_MIDDLE,
    [Real(2.2924316695611777, -3.2794636723051895e-17)],  # log(5 + 2 sqrt(6))
)


def tail(order: int) -> list[float]:
    """The coefficients (-1)**(k+1) k**order of e**k, k = 2 .. 17, enough for e <= exp(-4)."""
    return [float((-1) ** (k + 1) * k**order) for k in range(2, 18)]


_THIRD_TAIL, _FOURTH_TAIL = tail(3), tail(4)


def sigmoid(x: Tensor) -> Tensor:
    """The function s."""
    e = torch.exp(-x.abs())
    return torch.where(x >= 0, 1.0, e) / (1 + e)


# The derivatives times a power of two, chosen so that a subnormal result keeps all its digits.


def _first(x: Tensor, scale: float = 1.0) -> Tensor:
    """It is (1 - tanh(x/2)**2) / 4 = e / (1 + e)**2."""
    z = x.abs()
    e = torch.exp(-z)
    near = scale / 4 * (1 - torch.tanh(x / 2).square())
    return torch.where(z < 1, near, decayed(scale / (1 + e * (2 + e)), z))


def _second(x: Tensor, scale: float = 1.0) -> Tensor:
    """It is -tanh(x/2) s'."""
    z = x.abs()
    e = torch.exp(-z)
    odd = -torch.tanh(x / 2)
    near = odd * (scale / 4 * (1 - odd.square()))
    return torch.where(z < 1, near, decayed(product(odd, scale / (1 + e * (2 + e))), z))


def _third(x: Tensor, scale: float = 1.0) -> Tensor:
    z = x.abs()
    e = torch.exp(-z)
    far = decayed(scale * (1 + e * polynomial(_THIRD_TAIL, e)), z)
    beyond = torch.where(z < _FAR, _THIRD_MIDDLE.at(z, scale * e), far)
    return torch.where(z < 1.5, scale * _THIRD_NEAR.even(z), beyond)


def _fourth(x: Tensor, scale: float = 1.0) -> Tensor:
    z = x.abs()
    e = torch.exp(-z)
    far = decayed(scale * (-1 - e * polynomial(_FOURTH_TAIL, e)), z)
    beyond = torch.where(z < _FAR, _FOURTH_MIDDLE.at(z, scale * e), far)
    near = x * (scale * _FOURTH_NEAR.even(z))
    return torch.where(z < 1.25, near, torch.sign(x) * beyond)


SIGMOID: tuple[Elementwise, ...] = (sigmoid, _first, _second, _third, _fourth)
SOFTPLUS: tuple[Elementwise, ...] = (
    lambda x: x.clamp(min=0) + torch.log1p(torch.exp(-x.abs())),
    *SIGMOID[:4],
)
TANH: tuple[Elementwise, ...] = (  # tanh(x) = 2 s(2x) - 1
    torch.tanh,
    lambda x: _first(2 * x, 4.0),
    lambda x: _second(2 * x, 8.0),
    lambda x: _third(2 * x, 16.0),
    lambda x: _fourth(2 * x, 32.0),
)
LOGSIGMOID: tuple[Elementwise, ...] = (
    lambda x: -SOFTPLUS[0](-x),
    lambda x: sigmoid(-x),
    lambda x: -_first(x),
    lambda x: -_second(x),
    lambda x: -_third(x),
)
TANHSHRINK: tuple[Elementwise, ...] = (  # x - tanh(x)
    lambda x: x - torch.tanh(x),
    lambda x: torch.tanh(x).square(),
    lambda x: -TANH[2](x),
    lambda x: -TANH[3](x),
    lambda x: -TANH[4](x),
)
