"""Activations whose derivatives are right to a few units in the last place, everywhere.

Automatic differentiation of `torch.tanh` gives 1 - tanh(x)**2, which is 0 from x = 9.01 on in
float32 although the derivative is representable up to x = 52. Here every derivative is a product
of factors that have no cancellation, in terms of the decay exp(-|y|): numerators that change sign
are written as a difference from their root, with the root carried in two parts.

Within 5 ulp in float32 and float64, and correctly rounded but for ties in half precision, wherever
the truth is representable: orders 1 to 3 of tanh and sigmoid, 1 to 4 of softplus, 1 of gelu and
silu. Order 4 of tanh and sigmoid is within about 10 ulp; orders 2 to 4 of gelu and silu are plain
closed forms, which lose digits about their zeros. All orders are computed at once, so that an
evaluation costs some thirty times that of torch's own function, ten times when compiled.
"""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.stable.with_derivatives import with_derivatives

Elementwise = Callable[[Tensor], Tensor]


class Root(NamedTuple):
    """A real number as the sum of two doubles, and the float32 nearest to it."""

    high: float
    low: float
    single: float


def _root(high: float, low: float) -> Root:
    (single,) = struct.unpack("f", struct.pack("f", high))
    return Root(high, low, single)


# Where the third and the fourth derivative of the logistic function vanish, beside 0.
_THIRD_ROOT = _root(1.3169578969248168, -8.682250844852022e-17)  # log(2 + sqrt(3))
_FOURTH_ROOT = _root(2.2924316695611777, -3.2794636723051895e-17)  # log(5 + 2 sqrt(6))
_FOURTH_DECAY = 0.1010205144336438  # exp(-root) = 5 - 2 sqrt(6)
_SILU_ROOT = _root(-1.2784645427610737, -1.0946994183093437e-16)  # of 1 + x + exp(x)
_SILU_DECAY = 0.27846454276107380  # exp of it
_DENSITY_AT_ZERO = 1 / math.sqrt(2 * math.pi)
_GELU_ROOT = _root(0.7517915246935645, -1.4956759177009883e-17)  # minus that of gelu'

# (1 - 4e + e**2) / (1+e)**4 / (y - root) with e = exp(-y) on 0.7 <= y <= 3.3 in powers of y - 2;
# error below 2e-17 (mpmath.chebyfit).
_THIRD_FACTOR = (
    0.42029202849754455,
    0.02980777828910057,
    -0.07829262098260997,
    0.0193588927882604,
    0.005365877426391958,
    -0.004451955019456957,
    0.0007904690529610284,
    0.0002833934681920969,
    -0.00018750601237631969,
    3.0159209513444907e-05,
    1.0619357749734282e-05,
    -6.722177858048072e-06,
    1.097466088892261e-06,
    3.279206058837441e-07,
    -2.1658768656288442e-07,
    3.7873097372249e-08,
    8.758764008002468e-09,
    -6.445704047448822e-09,
    1.2589474145590842e-09,
    2.0548427376215124e-10,
    -1.9316792839103075e-10,
    3.936387884043037e-11,
    9.10214847525353e-12,
    -5.303644789266e-12,
    2.4632789275060088e-14,
    2.350842185569799e-13,
)

# -gelu'(-z) / (z - root) / exp(-z**2 / 2) on 0 <= z <= 2 in powers of z - 1; error below 2e-18.
_GELU_FACTOR = (
    0.5534218296402699,
    -0.06895639111999385,
    0.027594704198278728,
    -0.0101088083497019,
    0.0034383334622381896,
    -0.0010970131961416981,
    0.00033086422099405,
    -9.490521406710958e-05,
    2.6016316299634145e-05,
    -6.84310591967908e-06,
    1.7328660834784564e-06,
    -4.236553426797697e-07,
    1.0023958273719555e-07,
    -2.3003970178627105e-08,
    5.135255199899972e-09,
    -1.1143555460227565e-09,
    2.3096197040391316e-10,
    -4.776718805357525e-11,
    1.1883494175299756e-11,
    -2.327060590919146e-12,
)


def _minus_root(y: Tensor, root: Root) -> Tensor:
    """The difference y - root, right to the last bits also beside the root."""
    high = root.high if y.dtype == torch.float64 else root.single
    return (y - high) - ((root.high - high) + root.low)


def _decay(y: Tensor, scale: float) -> Tensor:
    """The product scale * exp(-y) for y >= 0; exp(-y) alone may underflow."""
    half = torch.exp(-y / 2)
    return torch.where(_is_tail(y), (scale * half) * half, scale * torch.exp(-y))


def _is_tail(y: Tensor) -> Tensor:
    """Where exp(-y) is about to underflow."""
    return y > -0.9 * math.log(torch.finfo(y.dtype).tiny)


def _polynomial(coefficients: Sequence[float], t: Tensor) -> Tensor:
    """Horner's scheme, lowest coefficient first."""
    total = torch.full_like(t, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = total * t + coefficient
    return total


def _logistic_slope(y: Tensor, scale: float) -> Tensor:
    e = torch.exp(-y.abs())
    return _decay(y.abs(), scale) / (1 + e * (2 + e))


def _logistic_slopes(scale: float) -> Mapping[int, Elementwise]:
    """Derivatives of s(y) = 1 / (1 + exp(-y)), each as a function of y, times scale**(order + 1).

    With e = exp(-|y|) and t = tanh(y/2), and s' = e / (1+e)**2 = (1 - t**2) / 4:
    the second is -t s', the third s' (1 - 6 s') = -s' (1 - 3 t**2) / 2 and the fourth
    -sign(y) e (1-e) (1 - 10e + e**2) / (1+e)**5, where 1 - (r + 1/r) e + e**2 is
    -expm1(-(|y| + log r)) (1 - r e).
    """

    def first(y: Tensor) -> Tensor:
        return _logistic_slope(y, scale**2)

    def second(y: Tensor) -> Tensor:
        return -torch.tanh(y / 2) * _logistic_slope(y, scale**3)

    def third(y: Tensor) -> Tensor:
        z = y.abs()
        square = torch.tanh(z / 2).square()
        near = (scale**4 / -8) * ((1 - square) * (1 - 3 * square))
        factor = _polynomial(_THIRD_FACTOR, z - 2) * _minus_root(z, _THIRD_ROOT)
        middle = _decay(z, scale**4) * factor
        far = _logistic_slope(z, scale**4) * (1 - 6 * _logistic_slope(z, 1.0))
        return torch.where(z < 0.7, near, torch.where(z < 3.3, middle, far))

    def fourth(y: Tensor) -> Tensor:
        e = torch.exp(-y.abs())
        denominator = 1 + e * (2 + e)
        factor = -torch.expm1(-_minus_root(y.abs(), _FOURTH_ROOT)) * (1 - _FOURTH_DECAY * e)
        odd = torch.sign(y) * torch.expm1(-y.abs())
        return odd * factor * (_decay(y.abs(), scale**5) / (denominator * denominator * (1 + e)))

    return {1: first, 2: second, 3: third, 4: fourth}


def _sigmoid(x: Tensor) -> Tensor:
    e = torch.exp(-x.abs())
    return torch.where(x >= 0, 1.0, e) / (1 + e)


def _softplus(x: Tensor) -> Tensor:
    return x.clamp(min=0) + torch.log1p(torch.exp(-x.abs()))


def _silu_slope(x: Tensor) -> Tensor:
    """For x < 0, h e / (1+e)**2 with e = exp(x), h = 1 + x + e; else 1 - that at -x.

    About its root r, h = (x - r) + exp(r) expm1(x - r): two terms of one sign.
    """
    z = x.abs()
    distance = _minus_root(-z, _SILU_ROOT)
    h = distance + _SILU_DECAY * torch.expm1(distance)
    half = torch.exp(-z / 2)
    value = torch.where(_is_tail(z), (half * h) * half, h * _logistic_slope(z, 1.0))
    return torch.where(x < 0, value, 1 - value)


def _times_gaussian(factor: Tensor, z: Tensor) -> Tensor:
    """The factor times exp(-z**2 / 2).

    Beyond 1.5, z**2 is split so that its first part is exact, or its rounding would count z**2
    times; and in the tail the factor enters between two halves, so that nothing underflows early.
    """
    coarse = (z * 16).round() / 16
    square = coarse * coarse
    rest = factor * torch.exp((coarse - z) * (z + coarse) / 2)
    half = torch.exp(-square / 4)
    split = torch.where(_is_tail(square / 2), half * rest * half, torch.exp(-square / 2) * rest)
    return torch.where(z.abs() < 1.5, factor * torch.exp(-z * z / 2), split)


def _gelu(x: Tensor) -> Tensor:
    z = x.abs()
    below = z * _times_gaussian(torch.special.erfcx(z / math.sqrt(2)) / 2, z)  # z P(N(0,1) > z)
    return x.clamp(min=0) - below


def _gelu_slope(x: Tensor) -> Tensor:
    """For x = -z < 0, P(N(0,1) > z) - z density(z), by its root below 2; else 1 - that at -x."""
    z = x.abs()
    beside_root = -_minus_root(z, _GELU_ROOT) * _polynomial(_GELU_FACTOR, z - 1)
    beyond = torch.special.erfcx(z / math.sqrt(2)) / 2 - z * _DENSITY_AT_ZERO
    value = _times_gaussian(torch.where(z < 2, beside_root, beyond), z)
    return torch.where(x < 0, value, 1 - value)


def _gelu_higher(polynomial: Elementwise) -> Elementwise:
    return lambda x: _times_gaussian(_DENSITY_AT_ZERO * polynomial(x), x)


_SIGMOID = _logistic_slopes(1.0)
_DOUBLED = _logistic_slopes(2.0)  # tanh(x) = 2 sigmoid(2x) - 1


def _tanh_slope(order: int) -> Elementwise:
    return lambda x: _DOUBLED[order](2 * x)


def _silu_higher(order: int) -> Elementwise:
    return lambda x: x * _SIGMOID[order](x) + order * _SIGMOID[order - 1](x)


stable_tanh = with_derivatives(torch.tanh, *map(_tanh_slope, (1, 2, 3, 4)))
stable_sigmoid = with_derivatives(_sigmoid, *_SIGMOID.values())
stable_softplus = with_derivatives(_softplus, _sigmoid, *(_SIGMOID[k] for k in (1, 2, 3)))
stable_silu = with_derivatives(
    lambda x: x * _sigmoid(x), _silu_slope, *map(_silu_higher, (2, 3, 4))
)
stable_gelu = with_derivatives(
    _gelu,
    _gelu_slope,
    _gelu_higher(lambda x: 2 - x * x),
    _gelu_higher(lambda x: x * (x * x - 4)),
    _gelu_higher(lambda x: (7 - x * x) * (x * x) - 4),
)

STABLE_ACTIVATIONS: Mapping[str, Elementwise] = {
    "stable_gelu": stable_gelu,
    "stable_sigmoid": stable_sigmoid,
    "stable_silu": stable_silu,
    "stable_softplus": stable_softplus,
    "stable_tanh": stable_tanh,
}
