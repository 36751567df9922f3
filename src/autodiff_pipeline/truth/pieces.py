"""An interval cut into pieces, on each of which derivatives have Taylor models.

A piece is accepted if the error of its models is far below an ulp of a format; otherwise it is
halved. Towards a root, a pole, a kink or the end of a domain pieces shrink until they contain no
more than 64 numbers of the format; these are called *holes*. Where the points of interest are
known, what contains few of them is left as a hole too: to compute those by themselves is cheaper.
"""

import math
from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from flint import arb, ctx
from numpy.typing import NDArray

from autodiff_pipeline.expressions.balls import derivative_balls, taylor_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ulp import Doubles, Format
from autodiff_pipeline.truth.taylor_models import (
    Model,
    Scheme,
    constant_model,
    hopeless_halvings,
    scheme_of,
    taylor_model,
    zero,
)

MAXIMUM_TRIALS = 30_000  # pieces; those still undecided become holes
_SMALLEST_PIECE = 64  # numbers of the format
_FEW_POINTS = {False: 12, True: 40}
_LARGEST_ROOT = 8  # the multiplicity of one at 0 that is looked for
_SPARE_BITS = 32  # balls may be so much wider than the last bit
_INSIDE = (0.2764, 0.7236)


class Pieces(NamedTuple):
    """Models of the derivatives of orders 1 to K on P pieces that fill an interval.

    With t = (x - middle) * 2**-shift the derivative is 2**-scale * sum_k coefficient_k * t**k, and
    where that is lifted, x * 2**LIFT times that.
    """

    expression: Expression
    form: Format
    ends: Doubles  # (P + 1,) ascending; a piece has its left end, the last has both
    middles: Doubles  # (P,)
    shifts: NDArray[np.int64]  # (P,)
    holes: NDArray[np.bool_]  # (P,) pieces without a model
    scales: NDArray[np.int64]  # (K, P)
    nudges: Doubles  # (K, P) a factor that takes values into the right binade
    lifted: NDArray[np.bool_]  # (K, P)
    high: Doubles  # (K, terms, P) coefficients
    low: Doubles  # (K, terms in two doubles, P) their second part


class _Piece(NamedTuple):
    start: float
    stop: float
    middle: float
    shift: int
    models: list[Model]  # by order; empty: a hole


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
    scheme = scheme_of(form)
    pieces = sorted(
        _accepted(expression, start, stop, order, form, points), key=lambda piece: piece.start
    )
    empty = zero(form, scheme)
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
        lifted=np.array([[m.lifted for m in row] for row in models]).T,
        high=np.array([[m.high for m in row] for row in models]).transpose(1, 2, 0),
        low=np.array([[m.low for m in row] for row in models])
        .reshape(len(pieces), order, scheme.in_two)
        .transpose(1, 2, 0),
    )


def for_format(pieces: Pieces, form: Format) -> Pieces:
    """The same models for a coarser format: of an ulp of that one, their error is even less."""
    return pieces._replace(form=form)


def _accepted(
    expression: Expression,
    start: float,
    stop: float,
    order: int,
    form: Format,
    points: Doubles | None,
) -> Iterator[_Piece]:
    """Pieces that fill [start, stop], in the order in which they are found."""
    scheme = scheme_of(form)
    never_at_zero = _has_none_at_zero(expression, order, scheme)
    waiting = deque([(start, stop, 0, 0)])  # with how many halvings are in vain at either end
    trials = 0
    while waiting:
        low, high, at_low, at_high = waiting.popleft()
        largest = max(abs(low), abs(high))
        ulp = math.ldexp(1.0, _ulp_exponent(largest, form))
        small = (high - low) / ulp <= _SMALLEST_PIECE or _has_few(points, low, high, scheme)
        if small or trials >= MAXIMUM_TRIALS:
            yield _Piece(low, high, low, 0, [])
            continue
        trials += 1
        in_vain = max(at_low, at_high) > 0
        over_zero = low < 0 < high or (never_at_zero and low <= 0 <= high)
        found = 0 if in_vain or over_zero else _piece(expression, low, high, order, form)
        if isinstance(found, _Piece):
            yield found
        elif not in_vain and not found and _is_undefined(expression, low, high, form):
            yield _Piece(low, high, low, 0, [])
        else:
            cut = _cut(low, high)
            waiting.append((low, cut, at_low - 1, found - 1))
            waiting.append((cut, high, found - 1, at_high - 1))


def _has_few(points: Doubles | None, low: float, high: float, scheme: Scheme) -> bool:
    if points is None:
        return False
    first, beyond = np.searchsorted(points, [low, high])
    return bool(beyond - first <= scheme.few_points)


def _has_none_at_zero(expression: Expression, order: int, scheme: Scheme) -> bool:
    """Whether no piece from or to 0 can have models, for what the derivatives are at 0.

    Not all of them are there, or double-double is asked for and one has a multiple root.
    """
    (balls,) = derivative_balls(expression, [0.0], order + _LARGEST_ROOT, scheme.precision)
    for n in range(1, order + 1):
        nonzero = [k for k, ball in enumerate(balls[n:]) if not ball.is_zero()]
        if not balls[n].is_finite() or (scheme.in_two and nonzero and nonzero[0] > 1):
            return True
    return False


def _is_undefined(expression: Expression, low: float, high: float, form: Format) -> bool:
    """At both ends and inside, away from integers and powers of two, where there may be poles."""
    points = [*(low + (high - low) * share for share in _INSIDE), low, high]
    precision = scheme_of(form).precision
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
) -> _Piece | int:
    """The models of all orders on [low, high], or else how many halvings are in vain."""
    scheme = scheme_of(form)
    near, far = sorted([abs(low), abs(high)])
    # x - middle is not rounded if both are within a factor of 2, or if middle is 0.
    middle = low + (high - low) / 2 if far <= 2 * near else 0.0
    highest = order + scheme.terms
    shift = math.frexp(max(high - middle, middle - low))[1]
    # Functions of tiny x that cancel, such as 1 - cos(x), need more bits.
    for precision in sorted({scheme.precision, scheme.precision + 2 * max(0, -math.frexp(far)[1])}):
        at = taylor_balls(expression, middle, arb(2) ** shift, highest, precision)
        if all(ball.rel_accuracy_bits() > scheme.precision - _SPARE_BITS for ball in at):
            break
    if near > 0 and middle and not scheme.in_two and at[order].is_finite():
        halvings = hopeless_halvings(at, order, shift, form)
        if halvings:
            return halvings
    with ctx.workprec(precision):
        hull = arb(low).union(arb(high))
        (over,) = derivative_balls(expression, [hull], highest, precision)
        constant = [constant_model(over[n], form, scheme) for n in range(1, order + 1)]
        if all(constant):
            return _Piece(low, high, middle, 0, [model for model in constant if model])
        if not over[-1].is_finite() or (middle == 0.0 and near > 0):
            return 0
        models = []
        for n in range(1, order + 1):
            model = constant[n - 1] or taylor_model(at, over, n, shift, form, scheme, near == 0)
            if model is None:
                return 0
            models.append(model)
        return _Piece(low, high, middle, shift, models)
