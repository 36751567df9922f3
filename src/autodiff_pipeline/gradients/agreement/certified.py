"""Certified truth: the gradient and the Hessian of a network's loss in balls.

The formulas are those of the dense network, written out to the second order. With a = w x + b,
residual r = f(x) - y, s = 2 r / n and J the derivatives of f(x) by every parameter,

  gradient = J s,    Hessian = 2/n J J^T + sum_i s_i (second derivatives of f(x_i)),

where f has second derivatives only within a unit: v phi'' x^2, v phi'' x and v phi'' by w and b,
phi' x and phi' by v and either. Every number is a ball, which contains the exact value of the
formula at exactly the given floating-point numbers.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from flint import arb, arb_mat

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.power_series import Ball, working_precision
from autodiff_pipeline.gradients.agreement.case import Case

PRECISION = 192  # bits: cancellation down to 1e-25 leaves more digits than float64 has


class Certified(NamedTuple):
    """Balls of the derivatives by all P = 3 H + 1 parameters, in the order of `to_vector`."""

    gradient: list[Ball]
    jacobian: arb_mat  # (P, n) of the predictions
    within: Mapping[tuple[int, int], Ball]  # the sum in the Hessian, where it is not 0

    def product(self, direction: Sequence[float]) -> list[Ball]:
        """The Hessian times a vector."""
        with working_precision(PRECISION):
            along = self.jacobian.transpose() * _vector(direction)
            product = _column(self._twice_over_n * (self.jacobian * along))
            for (row, column), value in self.within.items():
                product[row] += value * direction[column]
            return product

    def hessian(self) -> list[Ball]:
        """All of the Hessian, row after row."""
        with working_precision(PRECISION):
            hessian = self._twice_over_n * (self.jacobian * self.jacobian.transpose())
            for place, value in self.within.items():
                hessian[place] += value
            return [*hessian.entries()]

    @property
    def _twice_over_n(self) -> Ball:
        return arb(2) / self.jacobian.ncols()


def certified(case: Case) -> Certified:
    """The derivatives of the case's loss at exactly its numbers; NaN balls at a kink."""
    with working_precision(PRECISION):
        return _certified(case)


def _certified(case: Case) -> Certified:
    w, b, v, [c] = ([arb(t) for t in value.reshape(-1).tolist()] for value in case.parameters)
    x, y = ([arb(t) for t in value.tolist()] for value in (case.x, case.y))
    units, n = len(w), len(x)
    expression = parse(f"{case.activation.removeprefix('stable_')}(x)")
    # rows of units, columns of points
    orders = derivative_balls(
        expression,
        [w_h * x_i + b_h for w_h, b_h in zip(w, b, strict=True) for x_i in x],
        2,
        PRECISION,
    )
    phi, slope, bend = (arb_mat(units, n, [balls[order] for balls in orders]) for order in range(3))
    residual = phi.transpose() * _vector(v)
    s = arb_mat(n, 1, [2 * (residual[i, 0] + c - y[i]) / n for i in range(n)])
    powers = arb_mat(n, 3, [x_i**k * s[i, 0] for i, x_i in enumerate(x) for k in range(3)])
    bends, slopes = bend * powers, slope * powers  # sums over points of s, s x, s x^2
    by_v = _column(phi * s)
    gradient = [
        *(v[h] * slopes[h, 1] for h in range(units)),
        *(v[h] * slopes[h, 0] for h in range(units)),
        *by_v,
        sum(_column(s), arb(0)),
    ]
    jacobian = arb_mat(
        [
            *([v[h] * slope[h, i] * x[i] for i in range(n)] for h in range(units)),
            *([v[h] * slope[h, i] for i in range(n)] for h in range(units)),
            *([phi[h, i] for i in range(n)] for h in range(units)),
            [arb(1)] * n,
        ]
    )
    within: dict[tuple[int, int], Ball] = {}
    for h in range(units):
        i, j, k = h, units + h, 2 * units + h  # of w, b and v
        of_unit = {
            (i, i): v[h] * bends[h, 2],
            (i, j): v[h] * bends[h, 1],
            (j, j): v[h] * bends[h, 0],
            (i, k): slopes[h, 1],
            (j, k): slopes[h, 0],
        }
        within |= of_unit | {(column, row): value for (row, column), value in of_unit.items()}
    return Certified(gradient, jacobian, within)


def _vector(values: Sequence[float | Ball]) -> arb_mat:
    return arb_mat(len(values), 1, list(values))


def _column(matrix: arb_mat) -> list[Ball]:
    return [matrix[i, 0] for i in range(matrix.nrows())]
