"""The arithmetic of the stable rules, in float64: roots in two parts, decays, polynomials.

A derivative that changes sign is written as the distance from its root times a factor without
cancellation. The root is not a double, so it is written as the sum of two.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

Elementwise = Callable[[Tensor], Tensor]

_REACH = 600.0  # exp(-600) is far from underflow
_SPLITTER = 2.0**27 + 1


Pair = tuple[Tensor, Tensor]  # an unevaluated sum, the second much smaller


class Real(NamedTuple):
    """A real number as the sum of two doubles."""

    high: float
    low: float


Factor = Tensor | Pair | Real


class Expansion(NamedTuple):
    """A function of z on an interval: a polynomial in z - centre, times z minus each root."""

    centre: float
    coefficients: Sequence[float]  # lowest first
    roots: Sequence[Real] = ()

    def at(self, z: Tensor, *factors: Factor) -> Tensor:
        """The function of z, times further factors."""
        roots = [minus(z, root) for root in self.roots]
        return product(polynomial(self.coefficients, z - self.centre), *roots, *factors)

    def even(self, z: Tensor, *factors: Factor) -> Tensor:
        """The even function of z instead: a polynomial in z**2 - centre, times z**2 - root**2."""
        roots = [
            factor
            for root in self.roots
            for factor in (minus(z, root), minus(z, Real(-root.high, -root.low)))
        ]
        return product(polynomial(self.coefficients, z * z - self.centre), *roots, *factors)


def minus(z: Tensor, root: Real) -> Pair:
    """The difference z - root, accurate even next to the root."""
    return z - root.high, torch.full_like(z, -root.low)


def polynomial(coefficients: Sequence[float], t: Tensor) -> Tensor:
    """Horner's scheme, lowest coefficient first."""
    total = torch.full_like(t, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * t + coefficient
    return total


def product(first: Tensor, *others: Factor) -> Tensor:
    """The product of numbers and unevaluated sums, rounded once (Dekker 1971)."""
    high, low = first, torch.zeros_like(first)
    for other in others:
        other_high, other_low = other if isinstance(other, tuple) else (other, 0.0)
        rounded = high * other_high
        low = _rest(high, other_high, rounded) + (high * other_low + low * other_high)
        high = rounded
    return high + low


def square(z: Tensor) -> Pair:
    """The square of z, exactly."""
    rounded = z * z
    return rounded, _rest(z, z, rounded)


def _rest(a: Tensor, b: Tensor | float, rounded: Tensor) -> Tensor:
    """By how much a * b exceeds its rounded value."""
    a_high, a_low = _halves(a)
    b_high, b_low = _halves(b)
    rest: Tensor = ((a_high * b_high - rounded) + a_high * b_low + a_low * b_high) + a_low * b_low
    return rest


def _halves(a: Any) -> tuple[Any, Any]:
    scaled = a * _SPLITTER
    high = scaled - (scaled - a)
    return high, a - high


def decayed(factor: Tensor, y: Tensor) -> Tensor:
    """The product factor * exp(-y) for y >= 0, accurate even where exp(-y) alone is subnormal."""
    near = y.clamp(max=_REACH)
    return factor * torch.exp(-near) * torch.exp(near - y)


def gaussian(z: Tensor, first: Tensor, *factors: Factor) -> Tensor:
    """The product of factors and exp(-z**2 / 2).

    The square is exact, because the exponential would magnify its rounding error by z**2.
    """
    exact, rest = square(z)
    near = (exact / 2).clamp(max=_REACH)
    correction = torch.ones_like(z), -rest / 2
    return product(first, *factors, correction, torch.exp(-near)) * torch.exp(near - exact / 2)
