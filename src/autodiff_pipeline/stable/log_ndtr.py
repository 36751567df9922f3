"""The logarithm of the normal distribution function P, and its first two derivatives.

The first is h = density / P; the second is -h (x + h), where both terms cancel far below 0: there
it is a series in 1 / x**2, from that of Mills' ratio (Abramowitz and Stegun 26.2.12).
"""

import math

import torch
from torch import Tensor

from autodiff_pipeline.stable.arithmetic import Elementwise, polynomial
from autodiff_pipeline.stable.gelu import density

_FAR = -30.0
_TAIL = (-1.0, 1.0, -6.0, 50.0, -518.0, 6354.0, -89782.0)


def _slope(x: Tensor) -> Tensor:
    z = x.clamp(0, 64)
    above = density(z, 1 / torch.special.ndtr(z))
    scaled = torch.special.erfcx(-x.clamp(max=0) / math.sqrt(2))  # 2 P exp(x**2 / 2)
    return torch.where(x > 0, above, math.sqrt(2 / math.pi) / scaled)


def _curvature(x: Tensor) -> Tensor:
    h = _slope(x)
    far = polynomial(_TAIL, 1 / x.square())
    return torch.where(x < _FAR, far, -h * (x + h))


LOG_NDTR: tuple[Elementwise, ...] = (torch.special.log_ndtr, _slope, _curvature)
