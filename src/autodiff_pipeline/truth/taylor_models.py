"""Taylor models: a derivative on a piece of an interval, as a polynomial with an enclosed error.

On a piece [a, b] with middle m it is a polynomial in x - m, with an error bound that holds for
every x of the piece:

- the coefficients are Taylor's at m, from ball arithmetic, rounded to doubles or double-doubles;
- the remainder is bounded by the next coefficient over the ball that contains the whole piece;
- the rounding of Horner's scheme is bounded by the coefficients.
"""

import math
from functools import cache
from typing import NamedTuple

from flint import arb

from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.numbers.rounding import SAME_POWER
from autodiff_pipeline.numbers.ulp import Format
from autodiff_pipeline.truth.double_double import HORNER_ERROR

_TOLERANCE_BITS = 21
_TOLERANCE = 2.0**-_TOLERANCE_BITS  # ulp
_NEAR_A_POWER = 2.0**-40  # relative: so near a power of two, doubles may be on its wrong side
_NUDGE = 2.0**-30
_SLACK = 1.001  # for the rounding of the bounds themselves


class Scheme(NamedTuple):
    """How a polynomial is computed: how many terms it has, and how many are double-doubles."""

    terms: int
    in_two: int
    precision: int  # bits of the balls


_IN_DOUBLES = Scheme(terms=14, in_two=0, precision=128)
_IN_TWO_DOUBLES = Scheme(terms=22, in_two=8, precision=192)


class Model(NamedTuple):
    """One derivative on one piece."""

    scale: int
    high: list[float]
    low: list[float]
    nudge: float = 1.0  # a factor that takes values into the right binade


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
    beyond = form.largest_exponent + 2
    if over.is_finite() and over.abs_lower() > arb(2) ** beyond:
        return _padded(-beyond, [1.0 if over > 0 else -1.0], [0.0], scheme)
    if over.is_finite() and over.abs_upper() < arb(2) ** (
        form.smallest_ulp_exponent - _TOLERANCE_BITS
    ):  # where a function decays fast, wide pieces contain 0
        return _underflow(-1.0 if over.mid() < 0 else 1.0, form, scheme)
    is_narrow = over.rel_accuracy_bits() >= form.precision
    is_normal = over.abs_lower() > arb(2) ** form.smallest_exponent
    if not over.is_finite() or over.contains(0) or (is_normal and not is_narrow):
        return None
    return _polynomial([over], arb(0), over, 0, form, scheme)


def _underflow(sign: float, form: Format, scheme: Scheme) -> Model:
    """A value that rounds to 0 but is not 0: 2**-30 ulp."""
    return _padded(30 - form.smallest_ulp_exponent, [sign], [0.0], scheme)


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
    unit = arb(2) ** (shift * n)
    beyond = over[n + scheme.terms] * unit * arb(2) ** (shift * scheme.terms)
    remainder = beyond / math.factorial(scheme.terms)
    return _polynomial(terms, remainder, over[n] * unit, shift * n, form, scheme, from_zero)


@cache
def _factors(n: int, terms: int) -> list[int]:
    """What the n-th derivative of t**(k + n) multiplies t**k by."""
    return [math.perm(k + n, n) for k in range(terms)]


def _polynomial(
    terms: list[Ball],
    remainder: Ball,
    over: Ball,
    unit: int,
    form: Format,
    scheme: Scheme,
    from_zero: bool = False,
) -> Model | None:
    """The polynomial with these coefficients, as a model of it times 2**-unit, if good enough.

    Args: remainder, what it lacks; over, its values, which all of them contain for |t| <= 1;
    from_zero, whether the piece begins or ends at 0.
    """
    scale = 0
    if scheme.in_two:  # so that no second part is a subnormal
        scale = -_exponent(sum((term.abs_upper() for term in terms), arb(0)))
        terms = [term * arb(2) ** scale for term in terms]
    high = [float(term.mid()) for term in terms]
    low = [float((term - h).mid()) for term, h in zip(terms[: scheme.in_two], high, strict=False)]
    size = sum(map(abs, high))
    if not 0 < size < math.inf:
        return None
    more = math.frexp(size)[1]
    scale -= more
    high = [math.ldexp(h, -more) for h in high]
    low = [math.ldexp(second, -more) for second in low]
    radii = sum(float(term.rad()) for term in terms)
    error = math.ldexp(radii, -more) + _upper(remainder * arb(2) ** scale) + _rounding(high, scheme)
    sizes = [abs(h) for h in high]
    least = max(float((over.abs_lower() * arb(2) ** scale).lower()), sizes[0] - sum(sizes[1:]))
    exponent = -scale - unit  # the values are below 2**exponent
    ulp = max(
        math.ldexp(1.0, min(form.smallest_ulp_exponent - exponent, 0)),
        math.ldexp(least - error, -form.precision),
    )
    if not (error * _SLACK <= _TOLERANCE * ulp and error * _SLACK < least):
        return None  # not accurate, or perhaps with a zero
    if exponent < form.smallest_ulp_exponent - _TOLERANCE_BITS:
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


def _rounding(coefficients: list[float], scheme: Scheme) -> float:
    """A bound on the rounding of coefficients, `horner` and `horner_in_two` for |t| <= 1."""
    sizes = [abs(coefficient) for coefficient in coefficients]
    split = scheme.in_two
    in_one = 2.0**-53 * sum((2 * k + 3) * size for k, size in enumerate(sizes[split:]))
    in_two = HORNER_ERROR * sum((k + 2) * size for k, size in enumerate(sizes)) if split else 0.0
    return in_one + in_two


def _upper(ball: Ball) -> float:
    return float(ball.abs_upper().upper())


def _exponent(ball: Ball) -> int:
    """An e with |ball| < 2**e, or 0 where the ball is 0."""
    mantissa, exponent = (int(part) for part in ball.upper().mid().man_exp())
    return exponent + mantissa.bit_length() if mantissa else 0
