"""Silu, x s(x) with the logistic function s, and its derivatives x s^(n) + n s^(n-1).

The derivatives from the second on are even or odd, and the first is 1 minus itself at -x. With
z = |x| they have the same forms as those of s: near 0 a polynomial in z**2; then exp(-z) times
polynomials in z; far out a power series in e = exp(-z), at x = -z the sum over k of
(-1)**(k+1) k**(n-1) (n - k z) e**k. The polynomials are fitted by mpmath.chebyfit.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.stable import coefficients
from autodiff_pipeline.stable.arithmetic import Elementwise, Expansion, Real, decayed, polynomial
from autodiff_pipeline.stable.logistic import sigmoid, tail

_FAR = 5.5
_REACH = 1e4  # exp(-z) is 0 from 746 on


class _Forms(NamedTuple):
    """One derivative: at z for even orders, at -z for odd ones."""

    start: float  # where ``near`` ends
    near: Expansion  # over z where odd, and without the 1/2 of the first derivative
    border: float
    inner: Expansion  # times exp(z), from start to border
    outer: Expansion  # times exp(z), from border to _FAR


_FIRST = _Forms(
    0.5,
    Expansion(
        0.125,
        coefficients.SILU_FIRST_NEAR,
    ),
    2.25,
    Expansion(
        1.375,
        coefficients.SILU_FIRST_INNER,
        [Real(1.2784645427610737, 1.0946994183093437e-16)],
    ),
    Expansion(
        3.875,
        coefficients.SILU_FIRST_OUTER,
        [Real(1.2784645427610737, 1.0946994183093437e-16)],
    ),
)
_SECOND = _Forms(
    1.25,
    Expansion(
        0.78125,
        coefficients.SILU_SECOND_NEAR,
    ),
    3.25,
    Expansion(
        2.25,
        coefficients.SILU_SECOND_INNER,
        [Real(2.3993572805154675, 1.8464872855353363e-16)],
    ),
    Expansion(
        4.375,
        coefficients.SILU_SECOND_OUTER,
        [Real(2.3993572805154675, 1.8464872855353363e-16)],
    ),
)
_THIRD = _Forms(
    1.5,
    Expansion(
        1.125,
        coefficients.SILU_THIRD_NEAR,
    ),
    3.75,
    Expansion(
        2.625,
        coefficients.SILU_THIRD_INNER,
        [Real(3.435840993535111, -1.654438565374896e-16)],
    ),
    Expansion(
        4.625,
        coefficients.SILU_THIRD_OUTER,
        [Real(3.435840993535111, -1.654438565374896e-16)],
    ),
)
_FOURTH = _Forms(
    1.25,
    Expansion(
        0.78125,
        coefficients.SILU_FOURTH_NEAR,
        [Real(1.0319582417807491, -6.955032421632195e-18)],
    ),
    3.5,
    Expansion(
        2.375,
        coefficients.SILU_FOURTH_INNER,
        [
            Real(1.0319582417807491, -6.955032421632195e-18),
            Real(4.429235100557228, 2.9059983926052954e-16),
        ],
    ),
    Expansion(
        4.5,
        coefficients.SILU_FOURTH_OUTER,
        [
            Real(1.0319582417807491, -6.955032421632195e-18),
            Real(4.429235100557228, 2.9059983926052954e-16),
        ],
    ),
)


def _beyond(order: int, forms: _Forms, z: Tensor) -> Tensor:
    """The derivative at -z, z not near 0."""
    z = z.clamp(max=_REACH)
    e = torch.exp(-z)
    slope, constant = polynomial(tail(order), e), polynomial(tail(order - 1), e)
    far = decayed((order - z) + e * (order * constant - z * slope), z)
    middle = torch.where(z < forms.border, forms.inner.at(z, e), forms.outer.at(z, e))
    return torch.where(z < _FAR, middle, far)


def _first(x: Tensor) -> Tensor:
    z = x.abs()
    below = _beyond(1, _FIRST, z)
    near = 0.5 + x * _FIRST.near.even(z)
    return torch.where(z < _FIRST.start, near, torch.where(x < 0, below, 1 - below))


def _second(x: Tensor) -> Tensor:
    z = x.abs()
    return torch.where(z < _SECOND.start, _SECOND.near.even(z), _beyond(2, _SECOND, z))


def _third(x: Tensor) -> Tensor:
    z = x.abs()
    beyond = -torch.sign(x) * _beyond(3, _THIRD, z)
    return torch.where(z < _THIRD.start, x * _THIRD.near.even(z), beyond)


def _fourth(x: Tensor) -> Tensor:
    z = x.abs()
    return torch.where(z < _FOURTH.start, _FOURTH.near.even(z), _beyond(4, _FOURTH, z))


SILU: tuple[Elementwise, ...] = (lambda x: x * sigmoid(x), _first, _second, _third, _fourth)
