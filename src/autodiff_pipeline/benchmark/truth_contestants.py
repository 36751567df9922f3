"""Ways to true derivatives: ours, mpmath, and SymPy with mpmath, behind one interface.

Peers are written as their own documentation shows, with formulas derived by hand where they need
them. They certify nothing; they compute in so many bits that twice as many round to the same
numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import sympy
from mpmath import mp, workprec

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth
from autodiff_pipeline.truth.at_points import certified_derivatives
from autodiff_pipeline.truth.by_pieces import truth_by_pieces
from autodiff_pipeline.truth.pieces import build_pieces

Elementary = Callable[[Any], Any]  # of a number of mpmath, or of a symbol of SymPy

MOST_BITS = 4096


class Function(NamedTuple):
    """A function as it is given to our truth, to mpmath and to SymPy."""

    expression: str
    in_mpmath: Elementary
    derivatives: tuple[Elementary, ...]  # in mpmath, by order from 1 on
    in_sympy: Elementary


def _density(u: Any) -> Any:
    return mp.exp(-(u**2) / 2) / mp.sqrt(2 * mp.pi)


def _normal(u: Any) -> Any:
    return mp.erfc(-u / mp.sqrt(2)) / 2


FUNCTIONS: Mapping[str, Function] = {
    "tanh": Function(
        "tanh(x)",
        mp.tanh,
        (lambda u: mp.sech(u) ** 2, lambda u: -2 * mp.tanh(u) * mp.sech(u) ** 2),
        sympy.tanh,
    ),
    "gelu": Function(
        "gelu(x)",
        lambda u: u * _normal(u),
        (lambda u: _normal(u) + u * _density(u), lambda u: (2 - u**2) * _density(u)),
        lambda u: u * (1 + sympy.erf(u / sympy.sqrt(2))) / 2,
    ),
    "lgamma": Function(
        "lgamma(x)",
        mp.loggamma,
        (mp.digamma, lambda u: mp.polygamma(1, u)),
        sympy.loggamma,
    ),
}


class Problem(NamedTuple):
    """Whose derivatives of orders 1 to ``order`` are wanted, and at which points."""

    function: Function
    interval: tuple[float, float]
    order: int
    dtype: str
    points: Doubles  # (P,) ascending numbers of the dtype, whose truths are normal numbers


Run = Callable[[], Doubles]  # () -> the truths, rounded to the dtype, (order, P)
Start = Callable[[Problem], Run]  # prepares; only the function that it returns is timed


def _pieces(problem: Problem) -> Run:
    expression, form = parse(problem.function.expression), FORMATS[problem.dtype]
    pieces = build_pieces(expression, *problem.interval, problem.order, form)
    return lambda: _rounded(truth_by_pieces(pieces, problem.points))


def _at_points(problem: Problem) -> Run:
    expression, form = parse(problem.function.expression), FORMATS[problem.dtype]
    points = problem.points.tolist()
    return lambda: _rounded(certified_derivatives(expression, points, problem.order, form))


def _rounded(truths: Sequence[Truth]) -> Doubles:
    return np.array([truth.rounded for truth in truths])


def _formula(problem: Problem) -> Run:
    derivatives = problem.function.derivatives[: problem.order]
    return _in_enough_bits(problem, lambda u: [derivative(u) for derivative in derivatives])


def _differences(problem: Problem) -> Run:
    function, order = problem.function.in_mpmath, problem.order
    return _in_enough_bits(problem, lambda u: list(mp.diffs(function, u, order))[1:])


def _lambdified(problem: Problem) -> Run:
    x = sympy.Symbol("x", real=True)
    formula = problem.function.in_sympy(x)
    formulas = [sympy.diff(formula, x, order) for order in range(1, problem.order + 1)]
    return _in_enough_bits(problem, sympy.lambdify(x, formulas, modules="mpmath", cse=True))


def _in_enough_bits(problem: Problem, derivatives: Callable[[Any], Sequence[Any]]) -> Run:
    """The derivatives in the fewest bits, doubled each time, that round as twice as many do."""
    points, precision = problem.points.tolist(), FORMATS[problem.dtype].precision

    def values(bits: int) -> Doubles:
        with workprec(bits):
            rows = [derivatives(mp.mpf(x)) for x in points]
        with workprec(precision):
            return np.array([[float(+value) for value in row] for row in rows]).T

    bits = 2 * precision
    while bits <= MOST_BITS:
        if np.array_equal(values(bits), values(2 * bits)):
            return partial(values, bits)
        bits *= 2
    raise ArithmeticError(f"{MOST_BITS} bits are too few for {problem.function.expression}")


CONTESTANTS: Mapping[str, Start] = {
    "truth by pieces": _pieces,
    "truth at points": _at_points,
    "mpmath, formula": _formula,
    "SymPy, lambdify": _lambdified,
    "mpmath, diffs": _differences,
}


def check_truths(answers: Mapping[str, tuple[Doubles, Doubles]]) -> None:
    """Raise ArithmeticError unless all contestants returned the same truths.

    Args: answers, by name the points, (P,) ascending, and the truths there, (order, P); the points
    of each are among those of the first.
    """
    (first, (points, expected)), *others = answers.items()
    for name, (some, truths) in others:
        differ = (truths != expected[:, np.searchsorted(points, some)]).any(axis=0)
        if differ.any():
            raise ArithmeticError(
                f"truths of {name} and {first} differ at {differ.sum()} of {len(some)} points, "
                f"first at {some[differ][0]!r}"
            )
