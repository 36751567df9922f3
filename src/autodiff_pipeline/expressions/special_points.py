"""Where an expression is special: kinks, jumps, poles, ends of the domain, removable singularities.

Each primitive is special at some values of its argument: abs at 0, asin at -1 and 1. The points are
the solutions x of "argument = value": exact where the argument is linear in x, else found among the
doubles by sign changes over a grid, so that roots closer together than the grid may be missed. A
point may turn out harmless: 0 in abs(x**2), or a branch that is never taken.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from itertools import pairwise

from autodiff_pipeline.expressions.grammar import (
    Constant,
    Expression,
    Name,
    Operation,
    as_function,
    in_primitives,
    nodes,
)
from autodiff_pipeline.expressions.reals import REALS, finite_values
from autodiff_pipeline.expressions.tree import contains_x

_ONE, _HALF = Fraction(1), Fraction(1, 2)
_INTEGERS = [Fraction(n) for n in (-2, -1, 0, 1, 2)]
_SPECIAL: dict[str, list[Fraction]] = {  # values of the argument
    **{name: [Fraction(0)] for name in "abs i0e i1e log relu sign sinc sqrt step".split()},
    **{name: [-_ONE, _ONE] for name in "acos asin atanh erfinv".split()},
    **dict.fromkeys("ceil floor trunc".split(), _INTEGERS),
    "acosh": [_ONE],
    "lgamma": _INTEGERS[:3],
    "log1p": [-_ONE],
    "ndtri": [Fraction(0), _ONE],
    "round": [n + _HALF for n in _INTEGERS],
    "tan": [Fraction(math.pi) * (n + _HALF) for n in (-2, -1, 0, 1)],
}

_POWERS = [2.0**k for k in range(-40, 41)]
_GRID = sorted({s * x for s in (-1, 1) for x in [0.0, *_POWERS, *(n / 8 for n in range(1, 513))]})

Equation = tuple[Expression, Fraction]  # the expression takes the value


def special_points(expression: Expression) -> tuple[float, ...]:
    """The points of an expression at which it may not be analytic, in order; finite doubles.

    The switch of an implementation counts too where the call names it: softplus(x, 1, 20) is
    special at 20. Of endlessly many, as of floor, those nearest 0 are given.

    Raises ExpressionError where the expression, written in primitives, is too large.
    """
    equations = [
        *(each for node in nodes(expression) for each in _switches(node)),
        *(each for node in nodes(in_primitives(expression)) for each in _equations(node)),
    ]
    points = {x for each in dict.fromkeys(equations) for x in _solutions(*each)}
    return tuple(sorted(x + 0.0 for x in points))


def bends(expression: Expression) -> Iterator[Expression]:
    """Expressions that change their sign where this one may bend or jump.

    Raises ExpressionError where the expression, written in primitives, is too large.
    """
    for node in nodes(in_primitives(expression)):
        match node:
            case Operation("where", (a, b, _, _)):
                yield Operation("subtract", (a, b))
            case Operation("abs" | "i0e" | "i1e" | "relu" | "sign" | "step", (argument,)):
                yield argument
            case Operation("ceil" | "floor" | "trunc" | "round" as name, (argument,)):
                wave = "cos" if name == "round" else "sin"
                yield Operation(wave, (Operation("multiply", (Name("pi"), argument)),))


def _switches(node: Expression) -> Iterator[Equation]:
    match node:
        case Operation("softplus", (argument, *parameters)):
            values = [each.value for each in parameters if isinstance(each, Constant)]
            if len(values) == len(parameters):
                beta, threshold = [*values, *[_ONE, Fraction(20)][len(values) :]]
                if beta:
                    yield argument, threshold / beta


def _equations(node: Expression) -> Iterator[Equation]:
    """Of a primitive."""
    match node:
        case Operation("where", (a, b, _, _)):
            yield Operation("subtract", (a, b)), Fraction(0)
        case Operation("divide", (_, denominator)):
            yield denominator, Fraction(0)
        case Operation("power", (base, Constant(n))) if n >= 0 and n.denominator == 1:
            pass
        case Operation("power", (base, _)) | Operation("xlogy", (_, base)):
            yield base, Fraction(0)
        case Operation("xlog1py", (_, argument)):
            yield argument, -_ONE
        case Operation("polygamma", (_, argument)):
            yield from ((argument, value) for value in _SPECIAL["lgamma"])
        case Operation("gammainc" | "gammaincc" | "zeta", (_, argument)):
            yield argument, Fraction(0)
        case Operation("atan2", (y, x)):
            yield from ((y, Fraction(0)), (x, Fraction(0)))
        case Operation(name, (argument,)):
            yield from ((argument, value) for value in _SPECIAL.get(name, []))


def _solutions(expression: Expression, value: Fraction) -> Iterable[float]:
    if not contains_x(expression):
        return []
    line = _line(expression)
    if line is None:
        return _crossings(Operation("subtract", (expression, Constant(value))))
    slope, at_zero = line
    try:
        return [float((value - at_zero) / slope)] if slope else []
    except OverflowError:
        return []


def _line(expression: Expression) -> tuple[Fraction, Fraction] | None:
    """Slope and value at 0 of an expression that is linear in x, with rational coefficients."""
    match expression:
        case Constant(value):
            return Fraction(0), value
        case Name("x"):
            return _ONE, Fraction(0)
        case Operation("negative", (argument,)):
            return _scaled(-_ONE, _line(argument))
        case Operation("positive", (argument,)):
            return _line(argument)
        case Operation("add" | "subtract" as name, (a, b)):
            first, second = _line(a), _scaled(_ONE if name == "add" else -_ONE, _line(b))
            return first and second and (first[0] + second[0], first[1] + second[1])
        case Operation("multiply", (a, b)):
            for factor, other in ((_line(a), b), (_line(b), a)):
                if factor and not factor[0]:
                    return _scaled(factor[1], _line(other))
        case Operation("divide", (a, b)):
            divisor = _line(b)
            if divisor and not divisor[0] and divisor[1]:
                return _scaled(1 / divisor[1], _line(a))
    return None


def _scaled(
    factor: Fraction, line: tuple[Fraction, Fraction] | None
) -> tuple[Fraction, Fraction] | None:
    return line and (factor * line[0], factor * line[1])


def _crossings(expression: Expression) -> Iterator[float]:
    """Doubles where the expression is 0, or changes its sign without growing: no poles."""
    values = finite_values(expression, _GRID)
    yield from (x for x, value in zip(_GRID, values, strict=True) if value == 0)
    real = as_function(expression, REALS)
    for (left, f_left), (right, f_right) in pairwise(zip(_GRID, values, strict=True)):
        if f_left * f_right < 0:
            x = _bisected(real, left, right, f_left)
            if x is not None and abs(real(x)) <= min(abs(f_left), abs(f_right)):
                yield x


def _bisected(
    real: Callable[[float], float], left: float, right: float, f_left: float
) -> float | None:
    while (middle := (left + right) / 2) not in (left, right):
        try:
            value = real(middle)
        except (ValueError, ArithmeticError):
            return None
        if value == 0:
            return middle
        if (value < 0) == (f_left < 0):
            left = middle
        else:
            right = middle
    return right
