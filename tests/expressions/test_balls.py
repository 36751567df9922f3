from fractions import Fraction

import mpmath
import pytest
from expressions.limits import in_mpmath
from flint import arb, fmpq
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autodiff_pipeline.expressions.balls import derivative_balls, why_undefined
from autodiff_pipeline.expressions.grammar import (
    Constant,
    Name,
    Operation,
    parse,
)
from autodiff_pipeline.expressions.power_series import (
    END_OF_DOMAIN,
    JUMP,
    KINK,
    OUTSIDE_DOMAIN,
    POLE,
    UNDECIDED,
    working_precision,
)

SMOOTH = (
    "asinh atan cos erf erfc erfcx exp2 gelu gelu_tanh i0 i1 logsigmoid log_ndtr mish ndtr sigmoid "
    "silu sin sinc softplus square tanh tanhshrink"
).split()

numbers = st.fractions(min_value=-4, max_value=4, max_denominator=20).map(Constant)
expressions = st.recursive(
    numbers | st.just(Name("x")),
    lambda inner: (
        st.builds(
            lambda name, a, b: Operation(name, (a, b)),
            st.sampled_from(["add", "subtract", "multiply"]),
            inner,
            inner,
        )
        | st.builds(lambda name, a: Operation(name, (a,)), st.sampled_from(SMOOTH), inner)
    ),
    max_leaves=6,
)


@given(expression=expressions, x=st.floats(-3, 3))
@example(expression=parse("sigmoid(x - x)"), x=0.5)
@example(expression=parse("sinh(x - x)"), x=0.5)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_balls_contain_mpmaths_derivatives_of_random_expressions(expression, x):
    balls = derivative_balls(expression, [x], 2, precision=200)[0]
    with mpmath.workdps(80):
        for order, ball in enumerate(balls):
            value = mpmath.diff(in_mpmath(expression), mpmath.mpf(x), order)
            off = abs(mpmath.mpf(str(ball.mid().str(70, radius=False))) - value)
            assert off <= mpmath.mpf(10) ** -25 * (1 + abs(value))


@pytest.mark.parametrize("x", [2.0**-17, -(2.0**-17), 3.0e-12, -1.0e-300])
def test_close_to_its_pole_at_0_lgamma_is_known_to_nearly_all_digits(x):
    exact, wide = derivative_balls(parse("lgamma(x)"), [x, arb(x).union(arb(x * 7 / 8))], 4, 128)
    with mpmath.workdps(400):
        values = [mpmath.log(abs(mpmath.gamma(x))), *(mpmath.psi(n, x) for n in range(4))]
        for ball, around, value in zip(exact, wide, values, strict=True):
            assert ball.rel_accuracy_bits() > 115
            assert abs(mpmath.mpf(ball.mid().str(60, radius=False)) / value - 1) < 1e-35
            assert around.is_finite()
            assert around.contains(ball)


def test_constants_are_exact_as_written():
    ball = derivative_balls(parse("0.05*x"), [1.0], 1, precision=128)[0][1]
    assert (ball * 20).contains(1)
    assert not ball.contains(arb(0.05))  # the nearest double is another number


UNDEFINED = [
    ("1/x", 0.0, POLE),
    ("1/x**2", 0.0, POLE),
    ("x**-3", 0.0, POLE),
    ("(1 - cos(x))/x**3", 0.0, POLE),
    ("(x**2)**(-1/3)", 0.0, POLE),
    ("log(x**2)", 0.0, POLE),
    ("log(log(x))", 1.0, END_OF_DOMAIN),
    ("abs(x)", 0.0, KINK),
    ("abs(x**3)", 0.0, KINK),
    ("x*abs(x)", 0.0, KINK),  # differentiable once, but not certified
    ("relu(x - 1)", 1.0, KINK),
    ("sqrt(x**2)", 0.0, KINK),
    ("(x**2)**0.5", 0.0, KINK),
    ("sqrt(1 - cos(x))", 0.0, KINK),
    ("acos(cos(x))", 0.0, KINK),
    ("asin(1 - x**2)", 0.0, KINK),
    ("acosh(cosh(x))", 0.0, KINK),
    ("elu(x)", 0.0, KINK),  # differentiable once, but not certified
    ("i0e(x)", 0.0, KINK),
    ("i1e(x)", 0.0, KINK),
    ("softsign(x)", 0.0, KINK),
    ("hardswish(x)", -3.0, KINK),
    ("relu6(x)", 6.0, KINK),
    ("softshrink(x)", 0.5, KINK),
    ("max(x, x**2)", 1.0, KINK),
    ("hypot(x, 0)", 0.0, KINK),
    ("where(x < 2, x**2, 4*x - 4)", 2.0, KINK),  # differentiable once, but not certified
    ("where(x < 0, log(-x), log(x))", 0.0, END_OF_DOMAIN),
    ("hardshrink(x)", 0.5, JUMP),
    ("floor(x)", 3.0, JUMP),
    ("floor(-x**2)", 0.0, JUMP),  # -1 on both sides, 0 at 0
    ("ceil(x)", 0.0, JUMP),
    ("round(x)", 2.5, JUMP),
    ("trunc(x)", -2.0, JUMP),
    ("frac(x)", 1.0, JUMP),
    ("atan2(x, -2)", 0.0, JUMP),
    ("atan2(-x**2, -2)", 0.0, JUMP),
    ("lgamma(x)", -2.0, POLE),
    ("digamma(x)", 0.0, POLE),
    ("polygamma(3, x)", -1.0, POLE),
    ("reciprocal(x)", 0.0, POLE),
    ("logit(x)", 1.0, POLE),
    ("logit(x)", 0.0, END_OF_DOMAIN),
    ("entr(x)", 0.0, END_OF_DOMAIN),
    ("rsqrt(x)", 0.0, END_OF_DOMAIN),
    ("erfinv(x)", 1.0, END_OF_DOMAIN),
    ("ndtri(x)", 0.0, END_OF_DOMAIN),
    ("ndtri(x)", -1.0, OUTSIDE_DOMAIN),
    ("xlogy(x, x)", -1.0, OUTSIDE_DOMAIN),
    ("atan2(x, x)", 0.0, UNDECIDED),
    ("floor(sin(x)**2 + cos(x)**2)", 1.0, UNDECIDED),
    ("sign(x)", 0.0, JUMP),
    ("sign(x**3)", 0.0, JUMP),
    ("sign(x**2)", 0.0, JUMP),  # 0 at 0, but 1 beside it
    ("step(x)", 0.0, JUMP),
    ("sqrt(x)", 0.0, END_OF_DOMAIN),
    ("x**0.5", 0.0, END_OF_DOMAIN),
    ("x**1.5", 0.0, END_OF_DOMAIN),
    ("sqrt(x)**4", 0.0, END_OF_DOMAIN),
    ("sqrt(-x**2)", 0.0, END_OF_DOMAIN),
    ("log(x)", 0.0, END_OF_DOMAIN),
    ("log1p(x)", -1.0, END_OF_DOMAIN),
    ("asin(x)", 1.0, END_OF_DOMAIN),
    ("acosh(x)", 1.0, END_OF_DOMAIN),
    ("atanh(x)", -1.0, END_OF_DOMAIN),
    ("x**x", 0.0, END_OF_DOMAIN),
    ("log(x)", -1.0, OUTSIDE_DOMAIN),
    ("0*log(x)", -1.0, OUTSIDE_DOMAIN),
    ("(x - x)*acos(x)", 2.0, OUTSIDE_DOMAIN),
    ("x*0*sqrt(0 - 1)", 1.0, OUTSIDE_DOMAIN),
    ("x/(x - x)", 0.0, UNDECIDED),
    ("abs(sin(pi*x))", 1.0, UNDECIDED),
    ("tan(pi*x/2)", 1.0, UNDECIDED),
]


@pytest.mark.parametrize(("text", "x", "reason"), UNDEFINED)
def test_what_is_not_analytic_has_no_finite_ball_in_any_order_and_a_reason(text, x, reason):
    assert why_undefined(parse(text), x, precision=128) == reason
    for order in range(5):
        balls = derivative_balls(parse(text), [x], order, precision=128)[0]
        assert not any(ball.is_finite() for ball in balls)


@pytest.mark.parametrize("text", sorted({text for text, _, reason in UNDEFINED if reason == KINK}))
def test_no_ball_across_a_kink_is_finite(text):
    (kink,) = {x for each, x, reason in UNDEFINED if (each, reason) == (text, KINK)}
    wide = arb(kink + 0.5, 1)
    assert not any(ball.is_finite() for ball in derivative_balls(parse(text), [wide], 2, 128)[0])


REMOVABLE = [  # the derivatives of orders 0, 1, 2 and 3
    ("sin(x)/x", 0.0, [1, 0, Fraction(-1, 3), 0]),
    ("(exp(x) - 1)/x", 0.0, [1, Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)]),
    ("(1 - cos(x))/x**2", 0.0, [Fraction(1, 2), 0, Fraction(-1, 12), 0]),
    ("x**2/x", 0.0, [0, 1, 0, 0]),
    ("log(1 + x)/x", 0.0, [1, Fraction(-1, 2), Fraction(2, 3), Fraction(-3, 2)]),
    ("log(x)/(x - 1)", 1.0, [1, Fraction(-1, 2), Fraction(2, 3), Fraction(-3, 2)]),
    ("(sin(x)/x - 1)/x", 0.0, [0, Fraction(-1, 6), 0, Fraction(1, 20)]),
    ("(tan(x) - x)/x**3", 0.0, [Fraction(1, 3), 0, Fraction(4, 15), 0]),
    ("x/tan(x)", 0.0, [1, 0, Fraction(-2, 3), 0]),
    ("x**40/x**39", 0.0, [0, 1, 0, 0]),
    ("abs(x**2)", 0.0, [0, 0, 2, 0]),
    ("relu(-x**2)", 0.0, [0, 0, 0, 0]),
    ("step(-x**2)", 0.0, [0, 0, 0, 0]),
    ("floor(x**2)", 0.0, [0, 0, 0, 0]),
    ("trunc(x)", 0.0, [0, 0, 0, 0]),
    ("frac(x)", 0.0, [0, 1, 0, 0]),
    ("where(x**2 < 0, log(x), x**3)", 0.0, [0, 0, 0, 6]),
    ("where(0 < x**2, x**3, 0)", 0.0, [0, 0, 0, 6]),
    ("max(x, x + x**2)", 0.0, [0, 1, 2, 0]),
    ("i0e(x**2)", 0.0, [1, 0, -2, 0]),
    ("(1 - i0(x))/x**2", 0.0, [Fraction(-1, 4), 0, Fraction(-1, 32), 0]),
    ("sqrt(x**4)", 0.0, [0, 0, 2, 0]),
    ("sqrt(sin(x)**4)/x", 0.0, [0, 1, 0, -2]),
    ("0/x", 0.0, [0, 0, 0, 0]),
]


@pytest.mark.parametrize(("text", "x", "derivatives"), REMOVABLE)
def test_removable_singularities_are_removed_whatever_the_order(text, x, derivatives):
    for order in range(4):
        balls = derivative_balls(parse(text), [x], order, precision=128)[0]
        for ball, value in zip(balls, derivatives, strict=False):
            with working_precision(200):
                exact = arb(fmpq(Fraction(value).numerator, Fraction(value).denominator))
            assert ball.overlaps(exact)
            assert ball.rad() < 1e-30


@given(expression=expressions, x=st.floats(-3, 3), radius=st.sampled_from([1e-300, 1e-3, 0.5]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_the_balls_of_a_ball_contain_those_of_its_points(expression, x, radius):
    wide = derivative_balls(expression, [arb(x, radius)], 2, precision=128)[0]
    ends = [Fraction(x) - Fraction(radius), Fraction(x), Fraction(x) + Fraction(radius)]
    for row in derivative_balls(expression, ends, 2, precision=200):
        for whole, part in zip(wide, row, strict=True):
            assert not whole.is_finite() or whole.overlaps(part)


def test_constants_at_the_closed_end_of_a_domain_are_values():
    balls = derivative_balls(parse("x*acos(1) + sqrt(0) + x*abs(0)"), [2.0], 1, precision=128)[0]
    assert balls == [0, 0]


def test_kinks_are_decided_off_the_kink():
    left, right = derivative_balls(parse("abs(x - 1)"), [0.5, Fraction(3, 2)], 1, precision=64)
    assert (left[1], right[1]) == (-1, 1)


@pytest.mark.parametrize("text", ["asin(x**11)", "acos(x**11)", "floor(exp(x))", "x**(2**(10**9))"])
@pytest.mark.parametrize("x", [0.0, 1e300])
def test_nothing_asks_for_endless_memory(text, x):
    balls = derivative_balls(parse(text), [x], 20, precision=4096)[0]
    assert len(balls) == 21


@pytest.mark.parametrize("text", ["0**x", "(0*x)**x", "sqrt(0**x)"])
def test_zero_to_a_positive_power_is_zero(text):
    (balls,) = derivative_balls(parse(text), [2.5], 2, precision=128)
    assert all(ball.is_zero() for ball in balls)
    for x in (0.0, -1.0):
        assert why_undefined(parse("0**x"), x, precision=128)
