"""Taylor models: a derivative on a piece of an interval, as a polynomial with an enclosed error.

On a piece [a, b] with middle m it is a polynomial in x - m, with an error bound that holds for
every x of the piece:

- the coefficients are Taylor's at m, from ball arithmetic, rounded to doubles or double-doubles;
- the remainder is bounded by the next coefficient over the ball that contains the whole piece;
- the rounding of Horner's scheme is bounded by the coefficients.

On a piece that begins or ends at a simple root of the derivative at 0, the polynomial is that of
the derivative divided by x: there one piece reaches through all tiny numbers.
"""

import math
from functools import cache
from itertools import count
from operator import mul
from typing import NamedTuple

from flint import arb

from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.numbers.rounding import SAME_POWER
from autodiff_pipeline.numbers.ulp import Format
from autodiff_pipeline.truth.double_double import HORNER_ERROR

LIFT = 900  # multiples of x are those of x * 2**LIFT, which is a normal double ...
_LARGEST_LIFTED = 64  # log2 of x: ... and not too large
_NEAR_A_POWER = 2.0**-40  # relative: so near a power of two, doubles may be on its wrong side
_NUDGE = 2.0**-30
_ZERO = arb(0)
_SLACK = 1.001  # for the rounding of the bounds themselves


class Scheme(NamedTuple):
    """How a polynomial is computed: how many terms it has, and how many are double-doubles."""

    terms: int
    in_two: int
    precision: int  # bits of the balls
    tolerance_bits: int  # the error of a model is below 2**-tolerance_bits ulp
    few_points: int  # to certify them one by one costs about as much as one trial


_IN_DOUBLES = Scheme(terms=14, in_two=0, precision=128, tolerance_bits=21, few_points=12)
_IN_TWO_DOUBLES = Scheme(terms=22, in_two=8, precision=192, tolerance_bits=45, few_points=40)


class Model(NamedTuple):
    """One derivative on one piece."""

    scale: int
    high: list[float]
    low: list[float]
    nudge: float = 1.0  # a factor that takes values into the right binade
    lifted: bool = False  # whether values are to be multiplied by x * 2**LIFT


def scheme_of(form: Format) -> Scheme:
    """The scheme of which models are accurate enough for a format."""
    return _IN_TWO_DOUBLES if form.precision == 53 else _IN_DOUBLES


def zero(form: Format, scheme: Scheme) -> Model:
    """The derivative that is 0 everywhere."""
    return _padded(-form.smallest_ulp_exponent, [], [], scheme)


def constant_model(over: Ball, form: Format, scheme: Scheme) -> Model | None:
    """A constant, if the ball over the piece is narrow, too small for the format or too large."""
    if over.is_zero():
        return zero(form, scheme)
    if not over.is_finite():
        return None
    beyond, least = form.largest_exponent + 2, over.abs_lower()
    if least > _power_of_two(beyond):
        return _padded(-beyond, [1.0 if over > 0 else -1.0], [0.0], scheme)
    if over.abs_upper() < _power_of_two(
        form.smallest_ulp_exponent - scheme.tolerance_bits
    ):  # where a function decays fast, wide pieces contain 0
        return _underflow(-1.0 if over.mid() < 0 else 1.0, form, scheme)
    is_narrow = over.rel_accuracy_bits() >= form.precision
    if over.contains(0) or (not is_narrow and least > _power_of_two(form.smallest_exponent)):
        return None
    return _polynomial([over], _ZERO, over, 0, form, scheme)


def _underflow(sign: float, form: Format, scheme: Scheme) -> Model | None:
    """A value that rounds to 0 but is not 0: 2**-30 ulp; in double-double none is close enough."""
    scale = 30 - form.smallest_ulp_exponent
    return None if scheme.in_two else _padded(scale, [sign], [0.0], scheme)


def taylor_model(
    at: list[Ball],
    over: list[Ball],
    n: int,
    shift: int,
    form: Format,
    scheme: Scheme,
    from_zero: bool,
) -> Model | None:
    """The polynomial of order n, or None where it does not meet the tolerance for |t| <= 1.

    Args: at, Taylor's coefficients at the middle in t; over, the derivatives over the piece.
    """
    terms = [term * factor for term, factor in zip(at[n:], _factors(n, scheme.terms), strict=False)]
    unit = _power_of_two(shift * n)
    beyond = over[n + scheme.terms] * unit * _power_of_two(shift * scheme.terms)
    remainder = beyond / math.factorial(scheme.terms)
    if from_zero and terms[0].is_zero() and shift <= _LARGEST_LIFTED:
        model = _polynomial(
            terms[1:], remainder, _ZERO, shift * (n + 1) + LIFT, form, scheme, lifted=True
        )
        return model and model._replace(lifted=True)
    return _polynomial(terms, remainder, over[n] * unit, shift * n, form, scheme, from_zero)


@cache
def _factors(n: int, terms: int) -> list[int]:
    """What the n-th derivative of t**(k + n) multiplies t**k by."""
    return [math.perm(k + n, n) for k in range(terms)]


def hopeless_halvings(at: list[Ball], order: int, shift: int, form: Format) -> int:
    """How often a piece is halved in vain: as often, what lies beside its middle has no models.

    The remainder is no less than what Lagrange's form gives at the middle itself, and the ulp no
    more than that of the derivative there. Where this is 0, nothing is said.

    Args: at, Taylor's coefficients at the middle in t, in doubles' range.
    """
    scheme, halvings = scheme_of(form), 0
    for n in range(1, min(order + 1, len(at) - scheme.terms)):
        value, beyond = (
            abs(float(at[n + k].mid())) * math.perm(n + k, n) for k in (0, scheme.terms)
        )
        lowest, highest = (
            math.ldexp(1.0, exponent + n * shift)
            for exponent in (form.smallest_ulp_exponent, form.largest_exponent)
        )
        ulp = max(math.ldexp(2 * value, -form.precision), lowest)
        excess = math.ldexp(beyond / ulp, scheme.tolerance_bits)
        if value < highest and excess > 1:
            halvings = max(halvings, 1 + int(math.log2(excess) / scheme.terms))
    return halvings


def _polynomial(
    terms: list[Ball],
    remainder: Ball,
    over: Ball,
    unit: int,
    form: Format,
    scheme: Scheme,
    from_zero: bool = False,
    lifted: bool = False,
) -> Model | None:
    """The polynomial with these coefficients, as a model of it times 2**-unit, if good enough.

    Args: remainder, what it lacks; over, its values, which all of them contain for |t| <= 1;
    from_zero, whether the piece begins or ends at 0; lifted, whether it will be multiplied by x,
    so that its values must have the relative accuracy of normal numbers.
    """
    scale = 0
    if scheme.in_two:  # so that no second part is a subnormal
        scale = -_exponent(sum((term.abs_upper() for term in terms), arb(0)))
        terms = [term * arb(2) ** scale for term in terms]
    high = list(map(float, terms))  # of each ball the middle
    low = [float(term - h) for term, h in zip(terms[: scheme.in_two], high, strict=False)]
    size = sum(map(abs, high))
    if not 0 < size < math.inf:
        return None
    more = math.frexp(size)[1]
    scale -= more
    high = [math.ldexp(h, -more) for h in high]
    low = [math.ldexp(second, -more) for second in low]
    sizes = list(map(abs, high))
    radii = sum([float(term.rad()) for term in terms])
    unit_of_size = _power_of_two(scale)
    error = math.ldexp(radii, -more) + _upper(remainder * unit_of_size)
    error += _rounding(sizes, scheme, lifted)
    least = max(float((over.abs_lower() * unit_of_size).lower()), sizes[0] - sum(sizes[1:]))
    exponent = -scale - unit  # the values are below 2**exponent
    ulp = math.ldexp(least - error, -form.precision)
    if not lifted:
        ulp = max(ulp, math.ldexp(1.0, min(form.smallest_ulp_exponent - exponent, 0)))
    if not (error * _SLACK <= math.ldexp(ulp, -scheme.tolerance_bits) and error * _SLACK < least):
        return None  # not accurate, or perhaps with a zero
    if lifted:
        return _padded(-exponent, high, low, scheme)
    if exponent < form.smallest_ulp_exponent - scheme.tolerance_bits:
        return _underflow(math.copysign(1.0, high[0]), form, scheme)
    if exponent > form.largest_exponent + 50:
        return None  # so large that doubles could not say so
    model = _padded(-exponent, high, low, scheme)
    power = round(math.log2(sizes[0]))
    distance = abs(sizes[0] - 2.0**power) + error
    # Half of all numbers may lie between 0 and a tiny one, so no piece from 0 is left in doubt.
    if distance + (0.0 if from_zero else sum(sizes[1:])) > _NEAR_A_POWER * sizes[0]:
        return model
    nudge = _nudge(terms, remainder * arb(2) ** (scale + more), arb(2) ** (power + more))
    return model._replace(nudge=nudge) if nudge else None


def _nudge(terms: list[Ball], remainder: Ball, power: Ball) -> float | None:
    """A factor that takes all values, which are close to a power of two, to its right side.

    None where they are not known to be all below it by more than SAME_POWER, or none.
    """
    gap = power - abs(terms[0])
    others = sum((abs(term) for term in terms[1:]), abs(remainder))
    if gap - others > power * SAME_POWER:
        return 1 - _NUDGE
    return 1 + _NUDGE if gap + others < power * SAME_POWER else None


def _padded(scale: int, high: list[float], low: list[float], scheme: Scheme) -> Model:
    return Model(
        scale,
        high + [0.0] * (scheme.terms - len(high)),
        low[: scheme.in_two] + [0.0] * (scheme.in_two - len(low)),
    )


def _rounding(sizes: list[float], scheme: Scheme, lifted: bool) -> float:
    """A bound on rounding coefficients of these sizes, in `horner` and `horner_in_two`, |t| <= 1.

    That of the product of a lifted model is far below what is allowed for in double-double.
    """
    split = scheme.in_two
    in_one: float = 2.0**-53 * sum(map(mul, count(3 + lifted, 2), sizes[split:]))
    in_two: float = HORNER_ERROR * sum(map(mul, count(2), sizes)) if split else 0.0
    return in_one + in_two


@cache
def _power_of_two(exponent: int) -> Ball:
    return arb(2) ** exponent


def _upper(ball: Ball) -> float:
    return float(ball.abs_upper().upper())


def _exponent(ball: Ball) -> int:
    """An e with |ball| < 2**e, or 0 where the ball is 0."""
    mantissa, exponent = (int(part) for part in ball.upper().mid().man_exp())
    return exponent + mantissa.bit_length() if mantissa else 0
