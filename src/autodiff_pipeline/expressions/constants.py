"""Parts of an expression that are constant near a point although x occurs in them.

Between its kinks relu(x + 1) - relu(x - 1) - 1 is exactly 1, and acos of it is 0. Its power series
shows a 1 and zeros; that all further coefficients are 0 as well follows from its degree: sums,
products and whole powers of polynomials are polynomials, and so is each branch of abs or relu.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from flint import arb, arb_series

from autodiff_pipeline.expressions.grammar import Arithmetic
from autodiff_pipeline.expressions.power_series import BallOrSeries

_KEEP_DEGREE = ("abs", "negative", "positive", "relu", "sign", "step")
_ZERO = arb(0)


class Polynomial(NamedTuple):
    """A value, and a bound on its degree if it is a polynomial in x near the point."""

    value: BallOrSeries
    degree: int | None


def finding_constants(arithmetic: Arithmetic) -> Arithmetic:
    """The arithmetic of balls over `Polynomial`, in which a constant series becomes a constant."""

    def lifted(name: str, operation: Callable[..., Any]) -> Callable[..., Polynomial]:
        def apply(*arguments: Polynomial) -> Polynomial:
            value = operation(*(argument.value for argument in arguments))
            return _settled(value, _degree(name, arguments))

        return apply

    def where(
        a: Polynomial,
        b: Polynomial,
        then: Callable[[], Polynomial],
        otherwise: Callable[[], Polynomial],
    ) -> Polynomial:
        entered: list[Polynomial] = []

        def value_of(branch: Callable[[], Polynomial]) -> Callable[[], BallOrSeries]:
            def enter() -> BallOrSeries:
                entered.append(branch())
                return entered[-1].value

            return enter

        margin = operations["subtract"](b, a).value
        value = choose(_ZERO, margin, value_of(then), value_of(otherwise))
        degrees = [each.degree for each in entered]
        known = [degree for degree in degrees if degree is not None]
        return _settled(value, max(known) if len(known) == len(degrees) else None)

    choose = arithmetic.operations["where"]
    operations = {name: lifted(name, each) for name, each in arithmetic.operations.items()}
    return Arithmetic(
        constant=lambda value: Polynomial(arithmetic.constant(value), 0),
        names={name: Polynomial(value, 0) for name, value in arithmetic.names.items()},
        operations={**operations, "where": where},
    )


def _settled(value: BallOrSeries, degree: int | None) -> Polynomial:
    if isinstance(value, arb):
        return Polynomial(value, 0)
    if degree is not None and value.prec > degree and len(value) <= 1:
        return Polynomial(value[0], 0)
    return Polynomial(value, degree)


def _degree(name: str, arguments: tuple[Polynomial, ...]) -> int | None:
    degrees = [argument.degree for argument in arguments]
    if None in degrees:
        return None
    first, *others = (degree for degree in degrees if degree is not None)
    match name, others:
        case ("add" | "subtract", [second]):
            return max(first, second)
        case ("multiply", [second]):
            return first + second
        case ("divide", [0]):
            return first
        case ("power", [0]):
            exponent = arguments[1].value
            if isinstance(exponent, arb_series):
                exponent = exponent[0]
            whole = exponent.is_exact() and exponent.is_integer() and exponent >= 0
            return first * int(exponent.unique_fmpz()) if whole else None
        case (_, []) if name in _KEEP_DEGREE:
            return first
    return None
