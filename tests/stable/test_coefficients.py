"""The polynomials of the stable rules against what they expand, in 40 digits."""

import mpmath
import pytest
import torch

from autodiff_pipeline.stable import gelu, logistic, silu, sinc
from autodiff_pipeline.stable.arithmetic import Real, decayed, product, square
from autodiff_pipeline.stable.sinc_numbers import FIRST_ROOTS, PI, REACH, SECOND_ROOTS

SILU = {order: lambda z, n=order: z * s(z, n) + n * s(z, n - 1) for order in (2, 3, 4)}


def s(z, order):
    """Derivatives of the logistic function, rational in e = exp(-z)."""
    e = mpmath.exp(-z)
    return {
        0: 1 / (1 + e),
        1: e / (1 + e) ** 2,
        2: -e * (1 - e) / (1 + e) ** 3,
        3: e * (1 - 4 * e + e**2) / (1 + e) ** 4,
        4: -e * (1 - e) * (1 - 10 * e + e**2) / (1 + e) ** 5,
    }[order]


def silu_first(z):
    return s(-z, 0) - z * s(z, 1)


def gelu_first(z):
    tail = mpmath.erfc(z / mpmath.sqrt(2)) / 2
    return tail * mpmath.exp(z * z / 2) - z / mpmath.sqrt(2 * mpmath.pi)


def sinc_first(x):
    t = mpmath.pi * x
    return mpmath.pi * (t * mpmath.cos(t) - mpmath.sin(t)) / t**2


def sinc_second(x):
    return -(mpmath.pi**2) * mpmath.sincpi(x) - 2 * sinc_first(x) / x


def grown(function):
    return lambda z: function(z) * mpmath.exp(z)


# expansion, whether in z**2, what it expands, interval
EXPANSIONS = {
    "logistic 3 near": (logistic._THIRD_NEAR, True, lambda z: s(z, 3), (0, 1.5)),
    "logistic 3": (logistic._THIRD_MIDDLE, False, grown(lambda z: s(z, 3)), (1.5, 4)),
    "logistic 4 near": (logistic._FOURTH_NEAR, True, lambda z: s(z, 4) / z, (0, 1.25)),
    "logistic 4": (logistic._FOURTH_MIDDLE, False, grown(lambda z: s(z, 4)), (1.25, 4)),
    "gelu 1": (gelu._FIRST, False, gelu_first, (0, 3.5)),
    "silu 1 near": (
        silu._FIRST.near,
        True,
        lambda z: (mpmath.mpf(1) / 2 - silu_first(z)) / z,
        (0, 0.5),
    ),
    "silu 1 inner": (silu._FIRST.inner, False, grown(silu_first), (0.5, 2.25)),
    "silu 1 outer": (silu._FIRST.outer, False, grown(silu_first), (2.25, 5.5)),
    "silu 2 near": (silu._SECOND.near, True, SILU[2], (0, 1.25)),
    "silu 2 inner": (silu._SECOND.inner, False, grown(SILU[2]), (1.25, 3.25)),
    "silu 2 outer": (silu._SECOND.outer, False, grown(SILU[2]), (3.25, 5.5)),
    "silu 3 near": (silu._THIRD.near, True, lambda z: SILU[3](z) / z, (0, 1.5)),
    "silu 3 inner": (silu._THIRD.inner, False, lambda z: -grown(SILU[3])(z), (1.5, 3.75)),
    "silu 3 outer": (silu._THIRD.outer, False, lambda z: -grown(SILU[3])(z), (3.75, 5.5)),
    "silu 4 near": (silu._FOURTH.near, True, SILU[4], (0, 1.25)),
    "silu 4 inner": (silu._FOURTH.inner, False, grown(SILU[4]), (1.25, 3.5)),
    "silu 4 outer": (silu._FOURTH.outer, False, grown(SILU[4]), (3.5, 5.5)),
    "sinc 1 near": (sinc._FIRST_NEAR, True, lambda z: sinc_first(z) / z, (0, 1)),
    "sinc 2 near": (sinc._SECOND_NEAR, True, sinc_second, (0, 1)),
}


@pytest.mark.parametrize("name", EXPANSIONS)
def test_an_expansion_is_the_function_to_the_digits_of_its_coefficients(name):
    expansion, even, function, (low, high) = EXPANSIONS[name]
    with mpmath.workdps(40):
        for i in range(60):
            z = mpmath.mpf(low) + (high - low) * (i + mpmath.mpf("0.37")) / 60
            t = (z * z if even else z) - expansion.centre
            value = mpmath.polyval(list(reversed(expansion.coefficients)), t)
            for high_part, low_part in expansion.roots:
                root = mpmath.mpf(high_part) + low_part
                value *= (z - root) * (z + root) if even else z - root
            # Each coefficient is rounded: what that does is the error of a sum of doubles.
            assert abs(value / function(z) - 1) < 2.0**-52


@pytest.mark.parametrize("name", EXPANSIONS)
def test_roots_are_roots_in_two_doubles(name):
    expansion, _, function, _ = EXPANSIONS[name]
    with mpmath.workdps(50):
        for high, low in expansion.roots:
            assert high + low == high
            root = mpmath.findroot(function, mpmath.mpf(high) + low)
            assert abs(root - high - low) < 2.0**-104 * root


@pytest.mark.parametrize(
    ("roots", "function", "from_k"),
    [(FIRST_ROOTS, sinc_first, 0.25), (SECOND_ROOTS, sinc_second, -0.25)],
)
def test_the_roots_of_sinc_are_one_about_every_integer_in_two_doubles(roots, function, from_k):
    assert roots[-1].high < REACH < roots[-1].high + 1
    with mpmath.workdps(50):
        assert abs(mpmath.mpf(PI.high) + PI.low - mpmath.pi) < 2.0**-104
        for k, (high, low) in enumerate(roots, start=1):
            assert abs(high - k - from_k) < 0.25
            root = mpmath.mpf(high) + low
            around = [function(root + sign * 2.0**-104 * root) for sign in (-1, 1)]
            assert around[0] * around[1] < 0


def test_products_are_rounded_once():
    generator = torch.Generator().manual_seed(3)
    a, b, c = torch.rand(3, 2000, generator=generator, dtype=torch.float64)
    pair = (b, c * 2.0**-30)
    found = product(a, pair, c, Real(0.1, 3e-18))
    with mpmath.workdps(50):
        for x, y, low, z, value in zip(*(t.tolist() for t in (a, *pair, c, found)), strict=True):
            exact = mpmath.mpf(x) * (mpmath.mpf(y) + low) * z * (mpmath.mpf(0.1) + 3e-18)
            assert abs(value / exact - 1) < 2.0**-53 * (1 + 2.0**-40)
    rounded, rest = square(a)
    with mpmath.workdps(50):
        for x, high, low in zip(a.tolist(), rounded.tolist(), rest.tolist(), strict=True):
            assert mpmath.mpf(high) + low == mpmath.mpf(x) ** 2


def test_a_decay_keeps_its_digits_where_the_exponential_has_lost_them():
    y = torch.tensor([0.5, 708.5, 744.0], dtype=torch.float64)
    factor = torch.full_like(y, 1e10)
    exact = torch.tensor([float(1e10 * mpmath.exp(-v)) for v in y.tolist()], dtype=torch.float64)
    torch.testing.assert_close(decayed(factor, y), exact, rtol=4e-16, atol=0)
