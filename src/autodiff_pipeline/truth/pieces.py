"""An interval cut into pieces, on each of which derivatives have Taylor models.

A piece is accepted if the error of its models is far below an ulp of a format; otherwise it is
halved. Towards a root, a pole, a kink or the end of a domain pieces shrink until they contain no
more than 64 numbers of the format; these are called *holes*. Where the points of interest are
known, what contains few of them is left as a hole too: to compute those by themselves is cheaper.
"""

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ulp import Doubles, Format
from autodiff_pipeline.truth.taylor_models import Scheme, scheme_of, zero
from autodiff_pipeline.truth.trials import Failure, Piece, try_piece

MAXIMUM_TRIALS = 30_000  # pieces; those still undecided become holes
_SMALLEST_PIECE = 64  # numbers of the format
_LARGEST_ROOT = 8  # the multiplicity of one at 0 that is looked for
_INSIDE = (0.2764, 0.7236)
_NEAR_ZERO = 2.0**-64


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


class _Waiting(NamedTuple):
    """What is to be tried."""

    low: float
    high: float
    at_low: int = 0  # how many cuts are in vain for what lies at this end
    at_high: int = 0
    defined: float | None = None  # a point with a derivative, perhaps not in here


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
) -> Iterator[Piece]:
    """Pieces that fill [start, stop], in the order in which they are found."""
    never_at_zero = _has_none_at_zero(expression, order, scheme_of(form))

    def is_small(low: float, high: float) -> bool:
        ulp = math.ldexp(1.0, _ulp_exponent(max(abs(low), abs(high)), form))
        return (high - low) / ulp <= _SMALLEST_PIECE or _has_few(points, low, high, form)

    def tried(low: float, high: float) -> Piece | Failure:
        return try_piece(expression, low, high, order, form)

    def is_settled(low: float, high: float) -> bool:
        return is_small(low, high) or isinstance(tried(low, high), Piece)

    waiting = deque([_Waiting(start, stop)])
    trials = 0
    while waiting:
        low, high, at_low, at_high, defined = waiting.popleft()
        if is_small(low, high) or trials >= MAXIMUM_TRIALS:
            yield _hole(low, high)
            continue
        trials += 1
        in_vain = max(at_low, at_high) > 0
        over_zero = low < 0 < high or (never_at_zero and low <= 0 <= high)
        found = Failure() if in_vain or over_zero else tried(low, high)
        if isinstance(found, Piece):
            yield found
            continue
        if found.defined is not None:
            defined = found.defined
        elif not in_vain and (defined is None or not low <= defined <= high):
            defined = _defined_in(expression, low, high, form)
            if defined is None:
                yield _hole(low, high)
                continue
        if not (in_vain or over_zero) and 0 in (low, high):
            cuts = _cuts_until(is_settled, low, high)
            at_low, at_high = (cuts, at_high) if low == 0 else (at_low, cuts)
        cut = _cut(low, high)
        waiting.append(_Waiting(low, cut, at_low - 1, found.halvings - 1, defined))
        waiting.append(_Waiting(cut, high, found.halvings - 1, at_high - 1, defined))


def _hole(low: float, high: float) -> Piece:
    return Piece(low, high, low, 0, [])


def _has_few(points: Doubles | None, low: float, high: float, form: Format) -> bool:
    if points is None:
        return False
    count = points.searchsorted(high) - points.searchsorted(low)
    return bool(count <= scheme_of(form).few_points)


def _cuts_until(is_settled: Callable[[float, float], bool], low: float, high: float) -> int:
    """How many cuts lead from a piece that reaches to 0 to one that is settled and does so, too.

    Where one is not settled, no larger one is taken to be, so that few are tried.
    """
    first = _cut(low, high)

    def is_enough(cuts: int) -> bool:
        end = math.ldexp(first, 1 - cuts)
        return is_settled(min(end, 0.0), max(end, 0.0))

    enough = 1
    while not is_enough(enough):
        enough *= 2
    return bisect_left(range(enough), True, lo=enough // 2 + 1, key=is_enough)


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


def _defined_in(expression: Expression, low: float, high: float, form: Format) -> float | None:
    """A point with a derivative, if one is found.

    At both ends and inside, away from integers and powers of two, where there may be poles; if the
    piece reaches to 0, close to it, so that the point is in the next pieces, too.
    """
    points = [*(low + (high - low) * share for share in _INSIDE), low, high]
    if low <= 0 <= high:
        points = [*(end * _NEAR_ZERO for end in (low, high) if end), *points]
    precision = scheme_of(form).precision
    for x in points:
        if derivative_balls(expression, [x], 1, precision)[0][1].is_finite():
            return x
    return None


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
