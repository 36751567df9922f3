"""Functions of pieces in certified arithmetic: by the sign of a value, and by its integer part."""

from flint import arb

from autodiff_pipeline.expressions.power_series import (
    UNDECIDED,
    BallOrSeries,
    Function,
    Piece,
    Undefined,
    piecewise,
    start,
)

_ZERO = arb(0)
_HALF = arb(0.5)
_LARGEST_DOUBLE = arb(2) ** 1024


def _by_sign(negative: Function, positive: Function) -> Function:
    """A function of two branches that is 0 at 0: abs, relu, sign, step."""
    return lambda u: piecewise(u, lambda: negative(u), lambda: _ZERO, lambda: positive(u))


_zero: Function = lambda u: u * 0  # noqa: E731
_identity: Function = lambda u: u  # noqa: E731
_one: Function = lambda u: u * 0 + 1  # noqa: E731
absolute = _by_sign(lambda u: -u, _identity)
relu = _by_sign(_zero, _identity)
sign = _by_sign(lambda u: u * 0 - 1, _one)
step = _by_sign(_zero, _one)


def where(a: BallOrSeries, b: BallOrSeries, then: Piece, otherwise: Piece) -> BallOrSeries:
    """The piece ``then`` where a < b, elsewhere the other."""
    return piecewise(b - a, below=otherwise, at_zero=otherwise, above=then)


def floor(u: BallOrSeries) -> BallOrSeries:
    """The largest integer that is at most the value."""
    return _step(u, lambda n: n)


def ceil(u: BallOrSeries) -> BallOrSeries:
    """The smallest integer that is at least the value."""
    return -floor(-u)


def round_to_even(u: BallOrSeries) -> BallOrSeries:
    """The nearest integer; of two that are equally near, the even one."""
    return _step(u + _HALF, lambda n: n - n % 2)


def trunc(u: BallOrSeries) -> BallOrSeries:
    """The integer part, towards 0."""
    first = start(u)
    if abs(first) < 1:
        return arb(0)
    if first > 0:
        return floor(u)
    if first < 0:
        return ceil(u)
    raise Undefined(UNDECIDED)


def _step(u: BallOrSeries, at_integer: Function) -> BallOrSeries:
    """The integer n between n and n + 1; ``at_integer`` of n at n itself."""
    first = start(u)
    n = first.floor().unique_fmpz() if abs(first) < _LARGEST_DOUBLE else None
    if n is None:  # larger integers have too many digits for memory
        raise Undefined(UNDECIDED)
    return piecewise(u - arb(n), lambda: arb(n - 1), lambda: arb(at_integer(n)), lambda: arb(n))
