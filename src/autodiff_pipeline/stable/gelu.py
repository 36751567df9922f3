"""Gelu, x P(N(0, 1) < x), and its derivatives, which are Gaussians times simple factors."""

import math

import torch
from torch import Tensor

from autodiff_pipeline.stable import coefficients
from autodiff_pipeline.stable.arithmetic import (
    Elementwise,
    Expansion,
    Factor,
    Pair,
    Real,
    gaussian,
    square,
)

_DENSITY_AT_ZERO = Real(0.3989422804014327, -2.49232720227773e-17)  # 1 / sqrt(2 pi)
_REACH = 64.0  # exp(-z**2 / 2) is 0 from 39 on
_FIRST = Expansion(  # gelu'(-z) exp(z**2 / 2) on [0, 3.5] (mpmath.chebyfit)
    1.75,
    coefficients.GELU_FIRST,
    [Real(0.7517915246935645, -1.4956759177009883e-17)],
)
_FOURTH_SQUARES = (  # where the fourth derivative vanishes: (7 -+ sqrt(33)) / 2
    Real(0.6277186767309857, -2.177261450579423e-17),
    Real(6.372281323269014, 2.177261450579423e-17),
)


def _distance(x: Tensor) -> Tensor:
    return x.abs().clamp(max=_REACH)


def density(z: Tensor, factor: Tensor, *others: Factor) -> Tensor:
    """The normal density at z, 0 <= z <= 64, times factors."""
    return gaussian(z, factor, _DENSITY_AT_ZERO, *others)


def _square_minus(z: Tensor, root: Real) -> Pair:
    rounded, rest = square(z)
    return rounded - root.high, rest - root.low


def _gelu(x: Tensor) -> Tensor:
    z = _distance(x)
    return x.clamp(min=0) - gaussian(z, torch.special.erfcx(z / math.sqrt(2)) / 2, z)


def _first(x: Tensor) -> Tensor:
    """At x = -z, P(N(0, 1) > z) - z density(z); at x = z, 1 minus that."""
    z = _distance(x)
    # P(N(0, 1) > z) / density(z) is Mills' ratio, small beside z.
    mills = torch.special.erfcx(z / math.sqrt(2)) / (2 * _DENSITY_AT_ZERO.high)
    outer = density(z, torch.ones_like(z), (-z, mills))
    below = torch.where(z < 3.5, gaussian(z, _FIRST.at(z)), outer)
    return torch.where(x < 0, below, 1 - below)


def _second(x: Tensor) -> Tensor:
    """(2 - x**2) density(x)."""
    z = _distance(x)
    return -density(z, torch.ones_like(z), _square_minus(z, Real(2.0, 0.0)))


def _third(x: Tensor) -> Tensor:
    """(x**2 - 4) x density(x)."""
    z = _distance(x)
    large = x.clamp(-_REACH, _REACH) * 2.0**200  # far from underflow
    return density(z, large, _square_minus(z, Real(4.0, 0.0))) * 2.0**-200


def _fourth(x: Tensor) -> Tensor:
    """(-x**4 + 7 x**2 - 4) density(x)."""
    z = _distance(x)
    return -density(z, torch.ones_like(z), *(_square_minus(z, r) for r in _FOURTH_SQUARES))


GELU: tuple[Elementwise, ...] = (_gelu, _first, _second, _third, _fourth)
