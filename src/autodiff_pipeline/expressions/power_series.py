"""Power series whose coefficients are balls, and the operations on them that need care.

A value is a ball (a constant) or an `arb_series`: the Taylor coefficients, at every point of the
ball it started from, of a function that is analytic there, each within its ball. Its `prec` is the
number of terms that are known. Where a function is not analytic, or where the balls cannot tell,
there is no value at all: `Undefined` is raised, which no product with zero and no number of terms
can swallow. An infinite ball is allowed and contains everything; it only says that numbers grew too
large.

python-flint is asked only where its answer is right: it takes unknown terms for zeros, so for it
``sqrt(t**2)``, ``acos(cos(t))`` and ``1/t**2`` are constants where two terms are known.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flint import arb, arb_series, ctx

Ball = Any  # flint.arb, which has no type information
BallOrSeries = Any  # flint.arb (a constant) or flint.arb_series
Function = Callable[[BallOrSeries], BallOrSeries]
Piece = Callable[[], BallOrSeries]

POLE = "pole"
KINK = "kink"
JUMP = "jump"
END_OF_DOMAIN = "end of domain"
OUTSIDE_DOMAIN = "outside the domain"
UNDECIDED = "undecided"

MAXIMUM_LOSS = 64  # terms: the highest order of a zero that is looked at

_ZERO = arb(0)


class Undefined(ArithmeticError):  # noqa: N818 (a value that is not there)
    """There is no power series here; the one argument is the reason, such as POLE."""


class TooFewTerms(Exception):  # noqa: N818 (a value that is not there)
    """All known terms are exactly 0: only more terms could tell."""


@contextmanager
def working_precision(bits: int) -> Iterator[None]:
    """python-flint's working precision, and its series length, which it keeps globally."""
    previous = ctx.prec, ctx.cap
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec, ctx.cap = previous


def with_terms(value: Callable[[], BallOrSeries], terms: int) -> BallOrSeries:
    """The series that ``value`` computes, with at least ``terms`` terms known.

    Every division at a zero loses terms, so the computation may have to begin with more. Whether
    there is a series depends on the losses alone, never on how many terms are asked for.

    Raises Undefined where there is none, and where more than MAXIMUM_LOSS terms would be lost.
    """
    for extra in (0, 1, 2, 4, 8, 16, 32, MAXIMUM_LOSS):
        ctx.cap = terms + extra
        try:
            series = value()
        except TooFewTerms:
            continue
        if not isinstance(series, arb_series):
            return arb_series([series])
        if series.prec >= terms:
            return series
    raise Undefined(UNDECIDED)


def start(u: BallOrSeries) -> Ball:
    """The constant term."""
    return u[0] if isinstance(u, arb_series) else u


def order_of_zero(u: BallOrSeries) -> int:
    """The index of the first coefficient of a series that is not 0, those before being exactly 0.

    Raises Undefined where a ball does not tell, TooFewTerms where all known terms are 0.
    """
    order: int = u.valuation()
    if order < 0:
        raise TooFewTerms
    if order + ctx.cap - u.prec > MAXIMUM_LOSS or not u[order] != 0:
        raise Undefined(UNDECIDED)
    return order


def shifted(u: BallOrSeries, steps: int) -> BallOrSeries:
    """``u * t**steps``, for steps < 0 without the coefficients that drop out.

    Raises TooFewTerms where no coefficient would be left.
    """
    u = u if isinstance(u, arb_series) else arb_series([u])
    if u.prec + steps <= 0:
        raise TooFewTerms
    coefficients = [0] * steps + u.coeffs()[max(0, -steps) :]
    return arb_series(coefficients, min(ctx.cap, u.prec + steps))


def divide(a: BallOrSeries, b: BallOrSeries) -> BallOrSeries:
    """The quotient, continued to points at which a zero of the numerator cancels one of b."""
    if start(b) != _ZERO:
        if isinstance(a, arb) and isinstance(b, arb_series):
            a = arb_series([a])  # python-flint takes longer to do the same
        return a / b
    if not isinstance(b, arb_series):
        raise Undefined(POLE if b.is_zero() else UNDECIDED)
    order = order_of_zero(b)
    return without_zero(a, order) / shifted(b, -order)


def without_zero(a: BallOrSeries, order: int) -> BallOrSeries:
    """``a / t**order`` of a numerator, which must have the denominator's zero of this order."""
    a = a if isinstance(a, arb_series) else arb_series([a])
    for coefficient in a.coeffs()[:order]:
        if not coefficient.is_zero():
            raise Undefined(POLE if coefficient != 0 else UNDECIDED)
    return shifted(a, -order)


def square_root(u: BallOrSeries) -> BallOrSeries:
    """The square root; at a zero of order 4, 8, ... too: sqrt(t**4) is t**2."""
    first = start(u)
    if first > _ZERO and not first.is_exact():
        return (u.log() / 2).exp()  # Newton's iteration for sqrt widens wide balls
    if first > _ZERO or (first.is_zero() and not isinstance(u, arb_series)):
        return u.sqrt()
    reason = edge(u, KINK)
    if reason != KINK or (order := order_of_zero(u)) % 4:
        raise Undefined(reason)
    return shifted(shifted(u, -order).sqrt(), order // 2)


def within(margin: Function, function: Function, touching: str) -> Function:
    """A function whose domain is where ``margin`` is positive, and ends where that is 0.

    Where the margin touches 0 from above, both sides are in the domain and the point is
    ``touching``: a KINK as in acos(cos(t)), a POLE as in log(t**2).
    """

    def guarded(u: BallOrSeries) -> BallOrSeries:
        inside = margin(u)
        if start(inside) > _ZERO:
            return function(u)
        if not isinstance(u, arb_series) and (value := function(u)).is_finite():
            return value  # a constant at a closed end: acos(1)
        raise Undefined(edge(inside, touching))

    return guarded


def edge(margin: BallOrSeries, touching: str) -> str:
    """Why there is no series where ``margin`` is not certainly positive: see `within`."""
    first = start(margin)
    if first < 0:
        return OUTSIDE_DOMAIN
    if not first.is_zero():
        return UNDECIDED
    if not isinstance(margin, arb_series):
        return END_OF_DOMAIN
    order = order_of_zero(margin)
    return touching if order % 2 == 0 and margin[order] > 0 else END_OF_DOMAIN


def piecewise(margin: BallOrSeries, below: Piece, at_zero: Piece, above: Piece) -> BallOrSeries:
    """The piece that belongs to the sign of the margin; only what is needed is computed.

    At a zero of even order, which the margin touches from one side, that side's piece is the value
    if it continues the one at 0: abs(t**2) is t**2, but sign(t**2) jumps.
    """
    first = start(margin)
    if first > _ZERO:
        return above()
    if first < _ZERO:
        return below()
    if not first.is_zero():
        raise Undefined(UNDECIDED)
    if not isinstance(margin, arb_series):
        return at_zero()
    order = order_of_zero(margin)
    after, before = (above, below) if margin[order] > 0 else (below, above)
    branch = after()
    values = [start(branch), start(at_zero())] + ([start(before())] if order % 2 else [])
    if any(value != values[0] for value in values):
        raise Undefined(JUMP)
    if order % 2:
        raise Undefined(KINK)
    if after is at_zero or all(value.is_exact() for value in values):
        return branch
    raise Undefined(UNDECIDED)
