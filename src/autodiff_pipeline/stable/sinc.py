"""Sinc, sin(pi x) / (pi x), as torch has it, and its first two derivatives.

Away from 0 they are (cos(pi x) - sinc(x)) / x and -pi**2 sinc(x) - 2 sinc'(x) / x, with pi x
reduced before it is rounded; near 0, where these cancel, Taylor polynomials.
"""

import math

import torch
from torch import Tensor

from autodiff_pipeline.stable.arithmetic import Elementwise, polynomial

_NEAR = 0.75
_TERMS = 16
# sinc(x) = sum_k (-1)**k (pi x)**(2k) / (2k+1)!
_TAYLOR = [(-1) ** k * math.pi ** (2 * k) / math.factorial(2 * k + 1) for k in range(_TERMS)]
_FIRST = [2 * k * c for k, c in enumerate(_TAYLOR)][1:]  # over x
_SECOND = [2 * k * (2 * k - 1) * c for k, c in enumerate(_TAYLOR)][1:]


def _sine_cosine(x: Tensor) -> tuple[Tensor, Tensor]:
    """sin(pi x) and cos(pi x), accurate to a few bits even next to their zeros."""
    x = torch.where(x.abs() < 2.0**53, x, 0.0)  # beyond, all numbers are even
    half_turns = torch.round(2 * x)
    rest = math.pi * (x - half_turns / 2)  # exact but for pi, within a quarter turn
    sine, cosine = torch.sin(rest), torch.cos(rest)
    quarter = torch.remainder(half_turns, 4)
    odd = torch.remainder(half_turns, 2) == 1
    sine, cosine = torch.where(odd, cosine, sine), torch.where(odd, -sine, cosine)
    sign = torch.where(quarter >= 2, -1.0, 1.0)
    return sign * sine, sign * cosine


def _sinc(x: Tensor) -> Tensor:
    return torch.where(x == 0, 1.0, _sine_cosine(x)[0] / (math.pi * x))


def _first(x: Tensor) -> Tensor:
    near = x * polynomial(_FIRST, x * x)
    return torch.where(x.abs() < _NEAR, near, (_sine_cosine(x)[1] - _sinc(x)) / x)


def _second(x: Tensor) -> Tensor:
    near = polynomial(_SECOND, x * x)
    far = -(math.pi**2) * _sinc(x) - 2 * _first(x) / x
    return torch.where(x.abs() < _NEAR, near, far)


SINC: tuple[Elementwise, ...] = (_sinc, _first, _second)
