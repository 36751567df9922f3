"""Taylor models: derivatives on pieces of an interval as polynomials with an enclosed error.

On a piece [a, b] with middle m they are polynomials in x - m, with an error bound that holds for
every x of the piece:

- the coefficients are Taylor's at m, from ball arithmetic, rounded to doubles or double-doubles;
- the remainder is bounded by the next coefficient over the ball that contains the whole piece;
- the rounding of Horner's scheme is bounded by the coefficients.

A piece is accepted if the sum of these errors is below 2**-21 ulp of a format; otherwise it is
halved. Towards a root, a pole, a kink or the end of a domain pieces shrink until they contain no
more than 64 numbers of the format; these are called *holes*. Where the points of interest are
known, what contains few of them is left as a hole too: to compute those by themselves is cheaper.
"""

import math
from collections import deque
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from autodiff_pipeline.expressions.balls import derivative_balls, taylor_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.power_series import Ball
from autodiff_pipeline.numbers.rounding import SAME_POWER
from autodiff_pipeline.numbers.ulp import Doubles, Format
from autodiff_pipeline.truth.double_double import HORNER_ERROR

MAXIMUM_TRIALS = 30_000  # pieces; those still undecided become holes
_SMALLEST_PIECE = 64  # numbers of the format
_FEW_POINTS = 12  # to certify them one by one costs about as much as one trial
_TOLERANCE_BITS = 21
_TOLERANCE = 2.0**-_TOLERANCE_BITS  # ulp
_NEAR_A_POWER = 2.0**-40  # relative: so near a power of two, doubles may be on its wrong side
_NUDGE = 2.0**-30
_INSIDE = (0.2764, 0.7236)
_SLACK = 1.001  # for the rounding of the bounds themselves


class _Scheme(NamedTuple):
    """How a polynomial is computed: how many terms it has, and how many are double-doubles."""

    terms: int
    in_two: int
    precision: int  # bits of the balls


_IN_DOUBLES = _Scheme(terms=14, in_two=0, precision=128)
_IN_TWO_DOUBLES = _Scheme(terms=22, in_two=8, precision=192)


class Pieces(NamedTuple):
    """Models of the derivatives of orders 1 to K on P pieces that fill an interval.

    With t = (x - middle) * 2**-shift the derivative is 2**-scale * sum_k coefficient_k * t**k.
    """

    expression: Expression
    form: Format
    ends: Doubles  # (P + 1,) ascending; a piece has its left end, the last has both
    middles: Doubles  # (P,)
    shifts: NDArray[np.int64]  # (P,)
    holes: NDArray[np.bool_]  # (P,) pieces without a model
    scales: NDArray[np.int64]  # (K, P)
    nudges: Doubles  # (K, P) a factor that takes values into the right binade
    high: Doubles  # (K, terms, P) coefficients
    low: Doubles  # (K, terms in two doubles, P) their second part


class _Model(NamedTuple):
    """One derivative on one piece."""

    scale: int
    high: list[float]
    low: list[float]
    nudge: float = 1.0  # see Pieces


class _Piece(NamedTuple):
    start: float
    stop: float
    middle: float
    shift: int
    models: list[_Model]  # by order; empty: a hole


def build_pieces(
    expression: Expression,
    start: float,
    stop: float,
    order: int,
    form: Format,
    points: Doubles | None = None,
) -> Pieces:
    """Models of the derivatives of orders 1 to ``order`` on [start, stop], for a format.

    Args: points, ascending, those at which alone the models will be evaluated; None: everywhere.
    The models serve every format whose numbers are numbers of this one, too: see `for_format`.
    """
    scheme = _scheme(form)
    pieces = sorted(
        _accepted(expression, start, stop, order, form, points), key=lambda piece: piece.start
    )
    empty = _padded(-form.smallest_ulp_exponent, [], [], scheme)
    models = [piece.models or [empty] * order for piece in pieces]
    return Pieces(
        expression,
        form,
        ends=np.array([piece.start for piece in pieces] + [stop]),
        middles=np.array([piece.middle for piece in pieces]),
        shifts=np.array([piece.shift for piece in pieces], dtype=np.int64),
        holes=np.array([not piece.models for piece in pieces]),
        scales=np.array([[m.scale for m in row] for row in models], dtype=np.int64).T,
        nudges=np.array([[m.nudge for m in row] for row in models]).T,
        high=np.array([[m.high for m in row] for row in models]).transpose(1, 2, 0),
        low=np.array([[m.low for m in row] for row in models])
        .reshape(len(pieces), order, scheme.in_two)
        .transpose(1, 2, 0),
    )


def for_format(pieces: Pieces, form: Format) -> Pieces:
    """The same models for a coarser format: their error is below 2**-21 ulp of that one too."""
    return pieces._replace(form=form)


def _scheme(form: Format) -> _Scheme:
    return _IN_TWO_DOUBLES if form.precision == 53 else _IN_DOUBLES


def _accepted(
    expression: Expression,
    start: float,
    stop: float,
    order: int,
    form: Format,
    points: Doubles | None,
) -> Iterator[_Piece]:
    """Pieces that fill [start, stop], in the order in which they are found."""
    waiting = deque([(start, stop)])
    trials = 0
    while waiting:
        low, high = waiting.popleft()
        largest = max(abs(low), abs(high))
        ulp = math.ldexp(1.0, _ulp_exponent(largest, form))
        small = (high - low) / ulp <= _SMALLEST_PIECE or _has_few(points, low, high)
        if small or trials >= MAXIMUM_TRIALS:
            yield _Piece(low, high, low, 0, [])
            continue
        trials += 1
        piece = None if low < 0 < high else _piece(expression, low, high, order, form)
        cut = _cut(low, high)
        if piece:
            yield piece
        elif _is_undefined(expression, low, high, form):
            yield _Piece(low, high, low, 0, [])
        else:
            waiting.extend([(low, cut), (cut, high)])


def _has_few(points: Doubles | None, low: float, high: float) -> bool:
    if points is None:
        return False
    first, beyond = np.searchsorted(points, [low, high])
    return bool(beyond - first <= _FEW_POINTS)


def _is_undefined(expression: Expression, low: float, high: float, form: Format) -> bool:
    """At both ends and inside, away from integers and powers of two, where there may be poles."""
    points = [*(low + (high - low) * share for share in _INSIDE), low, high]
    precision = _scheme(form).precision
    return not any(
        derivative_balls(expression, [x], 1, precision)[0][1].is_finite() for x in points
    )


def _ulp_exponent(size: float, form: Format) -> int:
    return max(math.frexp(size)[1] - form.precision, form.smallest_ulp_exponent)


def _cut(low: float, high: float) -> float:
    """Where to cut a piece: at 0 or a power of two if it contains one, else in the middle."""
    if low < 0 < high:
        return 0.0
    if high <= 0:
        return -_cut(-high, -low)
    below = math.ldexp(1.0, math.frexp(high)[1] - 1)
    below = below / 2 if below == high else below
    return below if high > 2 * low else low + (high - low) / 2


def _piece(
    expression: Expression, low: float, high: float, order: int, form: Format
) -> _Piece | None:
    """The models of all orders on [low, high], or None where the tolerance is not met."""
    scheme = _scheme(form)
    near, far = sorted([abs(low), abs(high)])
    # x - middle is not rounded if both are within a factor of 2, or if middle is 0.
    middle = low + (high - low) / 2 if far <= 2 * near else 0.0
    highest = order + scheme.terms
    # Functions of tiny x that cancel, such as 1 - cos(x), need more bits.
    precision = scheme.precision + 2 * max(0, -math.frexp(far)[1])
    with ctx.workprec(precision):
        hull = arb(low).union(arb(high))
        (over,) = derivative_balls(expression, [hull], highest, precision)
        constant = [_constant_model(over[n], form, scheme) for n in range(1, order + 1)]
        if all(constant):
            return _Piece(low, high, middle, 0, [model for model in constant if model])
        if not over[-1].is_finite() or (middle == 0.0 and near > 0):
            return None
        shift = math.frexp(max(high - middle, middle - low))[1]
        at = taylor_balls(expression, middle, arb(2) ** shift, highest, precision)
        models = []
        for n in range(1, order + 1):
            model = constant[n - 1] or _taylor_model(at, over, n, shift, form, scheme, near == 0)
            if model is None:
                return None
            models.append(model)
        return _Piece(low, high, middle, shift, models)


def _constant_model(over: Ball, form: Format, scheme: _Scheme) -> _Model | None:
    """A constant, if the ball over the piece is narrow, too small for the format or too large."""
    if over.is_zero():
        return _padded(-form.smallest_ulp_exponent, [], [], scheme)
    beyond = form.largest_exponent + 2
    if over.is_finite() and over.abs_lower() > arb(2) ** beyond:
        return _padded(-beyond, [1.0 if over > 0 else -1.0], [0.0], scheme)
    is_narrow = over.rel_accuracy_bits() >= form.precision
    is_normal = over.abs_lower() > arb(2) ** form.smallest_exponent
    if not over.is_finite() or over.contains(0) or (is_normal and not is_narrow):
        return None
    sign = 1.0 if over > 0 else -1.0
    if over.abs_upper() < arb(2) ** (form.smallest_ulp_exponent - _TOLERANCE_BITS):
        return _underflow(sign, form, scheme)
    return _polynomial([over], arb(0), over, 0, form, scheme)


def _underflow(sign: float, form: Format, scheme: _Scheme) -> _Model:
    """A value that rounds to 0 but is not 0: 2**-30 ulp."""
    return _padded(30 - form.smallest_ulp_exponent, [sign], [0.0], scheme)


def _taylor_model(
    at: list[Ball],
    over: list[Ball],
    n: int,
    shift: int,
    form: Format,
    scheme: _Scheme,
    from_zero: bool,
) -> _Model | None:
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
    scheme: _Scheme,
    from_zero: bool = False,
) -> _Model | None:
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


def _padded(scale: int, high: list[float], low: list[float], scheme: _Scheme) -> _Model:
    return _Model(
        scale,
        high + [0.0] * (scheme.terms - len(high)),
        low[: scheme.in_two] + [0.0] * (scheme.in_two - len(low)),
    )


def _rounding(coefficients: list[float], scheme: _Scheme) -> float:
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
