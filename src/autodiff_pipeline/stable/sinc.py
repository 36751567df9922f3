"""Sinc, sin(pi x) / (pi x), as torch has it, and its first two derivatives.

Near 0 these are Taylor polynomials, times the distance from the root that the second has there.
Then they are an amplitude times the sine of a phase: with t = pi x, t - atan(t) for the first and
t - atan2(2 t, 2 - t**2) for the second. The phase is a multiple of pi at each root, so what it has
grown since the root nearby will do. Beyond REACH, where no roots are tabulated, the derivatives are
(cos(pi x) - sinc(x)) / x and -pi**2 sinc(x) - 2 sinc'(x) / x, which cancel beside their roots.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import embedding

from autodiff_pipeline.stable.arithmetic import (
    Elementwise,
    Expansion,
    Pair,
    product,
)
from autodiff_pipeline.stable.sinc_numbers import (
    FIRST_NEAR,
    FIRST_ROOTS,
    PI,
    REACH,
    SECOND_NEAR,
    SECOND_ROOTS,
)

_NEAR = 1.0
_FIRST_NEAR = Expansion(0.0, FIRST_NEAR)  # over x
_SECOND_NEAR = Expansion(0.0, SECOND_NEAR, SECOND_ROOTS[:1])
_FIRST_ROOTS, _SECOND_ROOTS = (
    torch.tensor(roots, dtype=torch.float64) for roots in (FIRST_ROOTS, SECOND_ROOTS)
)


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


def _waves(
    z: Tensor, roots: Tensor, nearest: Tensor, lag: Callable[[Tensor, Tensor], Tensor]
) -> Tensor:
    """The sine of the phase, positive beyond the first root.

    Args:
        z: positive numbers.
        roots: where the phase is a multiple of pi, ascending, each in two doubles.
        nearest: which root is near, counted from 1.
        lag: of d = pi (z - root) and p = pi**2 z root: d less what the phase grows from root to z.
    """
    index = nearest.long().clamp(1, len(roots)) - 1  # also where that is NaN
    high, low = embedding(index, roots.to(z.device)).unbind(-1)
    distance = z - high
    behind = lag(math.pi * (distance - low), math.pi**2 * z * high) / math.pi
    phase = product(torch.ones_like(z), (distance, -low - behind), PI)
    return torch.where(index % 2 == 0, 1, -1) * torch.sin(phase)


def _amplitude(small: Tensor) -> Pair:
    """The square root of 1 + small."""
    return torch.ones_like(small), small / (1 + torch.sqrt(1 + small))


def _sinc(x: Tensor) -> Tensor:
    return torch.where(x == 0, 1.0, _sine_cosine(x)[0] / (math.pi * x))


# By the formula for the difference of two arctangents.


def _first_lag(d: Tensor, p: Tensor) -> Tensor:
    return torch.atan(d / (1 + p))


def _second_lag(d: Tensor, p: Tensor) -> Tensor:
    return torch.atan(2 * d * (2 + p) / (4 + p * p - 2 * d * d))


def _first_far(x: Tensor) -> Tensor:
    return (_sine_cosine(x)[1] - _sinc(x)) / x


def _first(x: Tensor) -> Tensor:
    z = x.abs()
    near = x * _FIRST_NEAR.even(z)
    waves = _waves(z, _FIRST_ROOTS, z.floor(), _first_lag)
    middle = torch.sign(x) * product(waves, _amplitude((math.pi * z) ** -2)) / z
    return torch.where(z < _NEAR, near, torch.where(z < REACH, middle, _first_far(x)))


def _second(x: Tensor) -> Tensor:
    z = x.abs()
    near = _SECOND_NEAR.even(z)
    waves = _waves(z, _SECOND_ROOTS, z.round(), _second_lag)
    middle = product(waves, _amplitude(4 * (math.pi * z) ** -4), PI) / z
    far = -(math.pi**2) * _sinc(x) - 2 * _first_far(x) / x
    return torch.where(z < _NEAR, near, torch.where(z < REACH, middle, far))


SINC: tuple[Elementwise, ...] = (_sinc, _first, _second)
