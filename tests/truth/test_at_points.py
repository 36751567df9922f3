import math
from fractions import Fraction

import mpmath
import numpy
import pytest
import torch

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, from_ranks, ranks
from autodiff_pipeline.numbers.rounding import round_ball, round_balls
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.truth import at_points
from autodiff_pipeline.truth.at_points import certified_derivatives, why_uncertified


def certified(text, x, order, dtype="float64"):
    return certified_derivatives(parse(text), x, order, FORMATS[dtype])[order - 1]


def rounded_by_mpmath(value, dtype):
    """The nearest number of the dtype, found among its neighbours."""
    near = torch.tensor([float(value)], dtype=torch.float64).to(DTYPES[dtype])
    candidates = from_ranks(ranks(near) + torch.arange(-1, 2), DTYPES[dtype]).double().tolist()
    return min(candidates, key=lambda candidate: abs(mpmath.mpf(candidate) - value))


HARD = [
    ("erf(x)", 1, lambda x: 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x), [5.9, 26.5, 27.2]),
    ("tanh(x)", 1, lambda x: mpmath.sech(x) ** 2, [1e-300, 19.0625, 20.0, 372.9]),
    ("tanh(x)", 2, lambda x: -2 * mpmath.tanh(x) * mpmath.sech(x) ** 2, [1e-300, 20.0, 372.9]),
    ("log(x)", 2, lambda x: -1 / x**2, [1 - 2.0**-53, 1 + 2.0**-52]),
    ("x - sin(x)", 1, lambda x: 2 * mpmath.sin(x / 2) ** 2, [1e-5, 1e-150]),
    ("exp(x)", 1, mpmath.exp, [-744.9, -708.5, 2.0**-60]),
    ("1 - tanh(x)**2", 1, lambda x: -2 * mpmath.tanh(x) * mpmath.sech(x) ** 2, [25.0, 300.0]),
]


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize(("text", "order", "closed_form", "points"), HARD)
def test_hard_points_against_closed_forms_in_mpmath(text, order, closed_form, points, dtype):
    known = certified(text, points, order, dtype)
    assert known.certified.all()
    with mpmath.workdps(700):
        for i, x in enumerate(points):
            value = closed_form(mpmath.mpf(x))
            assert known.rounded[i] == rounded_by_mpmath(value, dtype)
            exact = (value - mpmath.mpf(known.rounded[i])) / mpmath.mpf(2) ** int(
                known.ulp_exponent[i]
            )
            assert float(exact) == pytest.approx(known.remainder[i], abs=2e-6)


@pytest.mark.parametrize("dtype", FORMATS)
def test_many_balls_round_as_one_by_one(dtype):
    form = FORMATS[dtype]
    points = [math.ldexp(m, e) for m in (1.0, 1.1, -1.7) for e in range(-1070, 8, 7)]
    for text in ("tanh(x)", "x**2", "exp(x)"):
        balls = [row[1] for row in derivative_balls(parse(text), points, 1, precision=256)]
        together = round_balls(balls, form)
        for i, ball in enumerate(balls):
            alone = round_ball(ball, form)
            assert together.certified[i] == (alone is not None)
            if alone:
                assert together.rounded[i] == alone[0]
                assert together.remainder[i] == pytest.approx(alone[1], abs=2e-6)
                assert together.ulp_exponent[i] == alone[2]


def test_ties_round_to_even():
    # (x**2)' = 2x exactly; in bfloat16 (8 bits) 257 and 259 lie between two numbers.
    assert certified("x**2", [128.5, 129.5], 1, "bfloat16").rounded.tolist() == [256, 260]


def test_overflow_and_underflow_round_as_ieee():
    largest = FORMATS["float16"].largest
    known = certified("x**2", [largest, (largest + 15) / 2, (largest + 16) / 2], 1, "float16")
    assert known.rounded.tolist() == [math.inf, largest, math.inf]
    tiny = certified("x**2", [2.0**-26, 2.0**-26 * 1.5, -(2.0**-30)], 1, "float16")
    assert tiny.rounded.tolist() == [0.0, 2.0**-24, 0.0]
    assert tiny.certified.all()


def test_zeros_are_certified():
    known = certified("sin(x)", [0.0], 2)
    assert (known.rounded[0], known.certified[0]) == (0.0, True)
    identity = certified("x + sin(x)**2 + cos(x)**2", [0.3], 2)
    assert (identity.rounded[0], identity.certified[0]) == (0.0, True)


def test_what_cannot_be_certified_is_reported(monkeypatch):
    known = certified("log(x)", [-1.0, 0.0, 1.0], 1)
    assert known.certified.tolist() == [False, False, True]
    assert numpy.isnan(known.rounded[:2]).all()
    monkeypatch.setattr(at_points, "MAXIMUM_PRECISION", 128)
    assert not certified("1 - tanh(x)**2 - (1 - tanh(x)**2) + x*1e-300", [1.0], 1).certified[0]


def test_x_is_its_exact_binary_value():
    x = 0.1
    known = certified("x**2", [x], 1)
    assert Fraction(known.rounded[0]) == 2 * Fraction(x)


CANCELLING = [  # at tiny x nearly all bits; the first terms of the derivative at 0
    ("(1 - cos(x))/x", 1, lambda x: mpmath.mpf(1) / 2 - x**2 / 8 + x**4 / 144),
    ("(1 - cos(x))/x", 2, lambda x: -x / 4 + x**3 / 36 - x**5 / 960),
    ("(1 - cos(x))/x", 3, lambda x: -mpmath.mpf(1) / 4 + x**2 / 12 - x**4 / 192),
    ("(sin(x)/x - 1)/x", 2, lambda x: x / 20 - x**3 / 252 + x**5 / 8640),
    (
        "(exp(x) - 1 - x)/x**2",
        1,
        lambda x: sum(k * x ** (k - 1) / mpmath.factorial(k + 2) for k in range(1, 8)),
    ),
    (
        "log(1 + x)/x",
        2,
        lambda x: sum(k * (k - 1) * (-x) ** (k - 2) / (k + 1) for k in range(2, 9)),
    ),
]


@pytest.mark.parametrize(("text", "order", "series"), CANCELLING)
def test_tiny_x_beside_removable_singularities_is_certified(text, order, series):
    points = [
        sign * math.ldexp(m, -k) for k in range(33, 1075, 9) for m in (1.0, 1.3) for sign in (1, -1)
    ]
    known = certified(text, points, order)
    assert known.certified.all()
    with mpmath.workdps(1500):
        for i, x in enumerate(points):
            assert known.rounded[i] == rounded_by_mpmath(series(mpmath.mpf(x)), "float64")


def test_constant_pieces_are_expanded_too():
    # at tiny x, where 0 is removable and one side of the quotient is constant on the segment
    texts = ["trunc(x)/x", "(1 - cos(x))/x + floor(x + 0.5)/x", "where(x < 1, 0, x)/sin(x)"]
    for text in texts:
        assert certified(text, [1e-300, -1e-200], 1).certified.all(), text
    assert not certified("x/trunc(x)", [1e-300], 1).certified.any()


def test_the_reason_is_given_where_nothing_is_certified():
    reasons = {
        "1/x**2": "pole",
        "sqrt(x**2)": "kink",
        "sign(x**3)": "jump",
        "sqrt(x)": "end of domain",
        "log(x - 1)": "outside the domain",
        "sin(x)**2 + cos(x)**2 + x*1e-2000": "undecided",
    }
    for text, reason in reasons.items():
        if reason != "undecided":
            assert not certified(text, [0.0], 1).certified[0]
        assert why_uncertified(parse(text), 0.0) == reason


def test_a_derivative_beyond_all_numbers_rounds_to_infinity():
    known = certified("atanh(-1 - x)", [-3e-320], 2)
    assert (known.rounded[0], known.certified[0]) == (-math.inf, True)
