"""The numbers in the stable rules of sinc: Taylor coefficients and roots, from 200 bits.

With t = pi x, the first derivative is pi (t cos(t) - sin(t)) / t**2, and the second
pi**2 ((2 - t**2) sin(t) - 2 t cos(t)) / t**3.
"""

import math
from typing import Any

from flint import arb, ctx

from autodiff_pipeline.stable.arithmetic import Real

_PRECISION = 200
_TERMS = 18  # enough for |x| <= 1
_LAST_STEP = 2.0**-60  # of Newton's method: the next would be about its square
REACH = 1024  # all roots up to here are tabulated


def _real(value: Any) -> Real:
    high = float(value)
    return Real(high, float(value - high))


def _root(order: int, k: int) -> Any:
    """The k-th positive root of the derivative of that order, 1 or 2, by Newton's method."""
    t = arb.pi() * (k + arb(2 - order) / 2)
    step = arb(1)
    while abs(step) > _LAST_STEP:
        sine, cosine = t.sin(), t.cos()
        if order == 1:
            step = (t * cosine - sine) / (t * sine)
        else:
            step = ((2 - t * t) * sine - 2 * t * cosine) / (t * t * cosine)
        t = (t + step).mid()
    return t / arb.pi()


def _divided(coefficients: list[Any], root: Any) -> list[Any]:
    """A polynomial, lowest coefficient first, over its variable minus a root of it."""
    quotient = [arb(0)]
    for coefficient in reversed(coefficients[1:]):
        quotient.append(coefficient + root * quotient[-1])
    return quotient[:0:-1]


with ctx.workprec(_PRECISION):
    # sinc(x) = sum_k (-1)**k (pi x)**(2k) / (2k+1)!
    _taylor = [(-1) ** k * arb.pi() ** (2 * k) / math.factorial(2 * k + 1) for k in range(_TERMS)]
    _second = [2 * k * (2 * k - 1) * c for k, c in enumerate(_taylor)][1:]
    PI = _real(arb.pi())
    # The k-th is between k and k + 1/2 ...
    FIRST_ROOTS = [_real(_root(1, k)) for k in range(1, REACH)]
    # ... and between k - 1/2 and k.
    SECOND_ROOTS = [_real(_root(2, k)) for k in range(1, REACH + 1)]
    # In x**2: the first derivative over x; the second over x**2 minus the square of its first root.
    FIRST_NEAR = [float(2 * k * c) for k, c in enumerate(_taylor)][1:]
    SECOND_NEAR = [float(c) for c in _divided(_second, _root(2, 1) ** 2)]
