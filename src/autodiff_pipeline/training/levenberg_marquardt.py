"""Levenberg-Marquardt for ReLU networks: Gauss-Newton steps, damped network by network.

The loss is the mean square of residuals r with Jacobian J, so near a good fit its Hessian is about
2 J^T J / n. A step solves (J^T J + damping * diagonal) step = -J^T r, where the diagonal is that of
J^T J. If the step is accepted, the damping is divided by `RELAX`, otherwise it is multiplied by
`TIGHTEN` (Marquardt 1963). The loss has a crease wherever a kink passes a point, and a search that
never climbs gets stuck in the first one. So a step may raise the loss by a fraction of itself,
which begins at `TOLERANCE` and shrinks with every epoch.

J is never formed. On unit h's active points the derivatives of f are v_h x, v_h and w_h x + b_h,
so J^T J needs only the sums of x^2, x and 1 over the points on which two units are both active:
an interval of the sorted data, hence a difference of two prefix sums.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from autodiff_pipeline.networks.network import Parameters, select
from autodiff_pipeline.training.method import Method
from autodiff_pipeline.training.moments import (
    Moments,
    active_range,
    centred,
    gradient_and_loss,
    loss,
    prepare,
)

RELAX, TIGHTEN = 3.0, 2.0
TOLERANCE, SHRINKING = 0.2, 0.97
SMALLEST_DIAGONAL = 1e-9  # of the largest: keeps the parameters of dead units where they are


class State(NamedTuple):
    """What the search remembers."""

    damping: Tensor  # (D, I)
    tolerance: float  # the fraction of itself by which the loss may rise


def levenberg_marquardt(x: Tensor, y: Tensor, damping: float) -> Method:
    """Train I ReLU networks on each of D data sets.

    Args: x and y (D, n); damping, the value that every network begins with.
    """
    moments = prepare(x, y)

    def init(parameters: Parameters) -> State:
        return State(torch.full_like(parameters.c, damping), TOLERANCE)

    def step(parameters: Parameters, state: State) -> tuple[Parameters, State, Tensor]:
        gradient, before = gradient_and_loss(parameters, moments)
        trial = _trial(parameters, gradient, state.damping, moments)
        # false where the trial is not a number
        accepted = loss(trial, moments) < before * (1 + state.tolerance)
        damping = torch.where(accepted, state.damping / RELAX, state.damping * TIGHTEN)
        following = State(damping, state.tolerance * SHRINKING)
        return select(accepted, trial, parameters), following, before

    return Method(init, step)


def _trial(
    parameters: Parameters, gradient: Parameters, damping: Tensor, moments: Moments
) -> Parameters:
    matrix = gauss_newton(parameters, moments)
    diagonal = matrix.diagonal(dim1=-2, dim2=-1)
    floor = SMALLEST_DIAGONAL * diagonal.amax(-1, keepdim=True)
    damped = matrix + torch.diag_embed(damping[..., None] * diagonal.maximum(floor))
    # In centred x the bias is b + w * mean(x), so the derivative by w no longer includes the
    # part that goes through the bias.
    in_w = gradient.w - moments.x_mean * gradient.b
    downhill = -torch.cat([in_w, gradient.b, gradient.v, gradient.c[..., None]], dim=-1)
    change = _solve(damped, downhill)
    w, b, v = change[..., :-1].reshape(*parameters.c.shape, 3, -1).unbind(-2)
    changes = w, b - moments.x_mean * w, v, change[..., -1]
    return Parameters(*map(torch.add, parameters, changes))


def _solve(matrix: Tensor, vector: Tensor) -> Tensor:
    """Solve positive definite systems, (..., K, K) and (..., K); NaN where one is not.

    LAPACK's rounding depends on where in a cache line a matrix begins, hence on how many matrices
    precede it. Padded to whole lines of 8 doubles, all matrices begin at the same place.
    """
    size = vector.shape[-1]
    padding = -size % 8
    padded = functional.pad(matrix, (0, padding, 0, padding))
    ones = functional.pad(torch.zeros_like(vector), (0, padding), value=1.0)
    factor, failed = torch.linalg.cholesky_ex(padded + torch.diag_embed(ones))
    solution = torch.cholesky_solve(functional.pad(vector, (0, padding))[..., None], factor)
    return torch.where(failed[..., None] > 0, torch.nan, solution[..., :size, 0])


def gauss_newton(parameters: Parameters, moments: Moments) -> Tensor:
    """2 J^T J / n in centred x, for the parameters in the order w, b, v, c.

    Returns: (D, I, 3 H + 1, 3 H + 1).
    """
    w, b = centred(parameters, moments)
    v = parameters.v
    # The derivatives of f by w, b and v on the points where a unit is active, as coefficients of x
    # and of 1: (D, I, 3, H). By c it is 1 everywhere.
    none = torch.zeros_like(v)
    in_x, in_one = torch.stack([v, none, w], dim=-2), torch.stack([none, v, b], dim=-2)
    sums = _sums_of_pairs(parameters, moments)
    x, ones = sums[1:, ..., None, :-1, -1].unbind(0)
    with_c = torch.cat([(in_x * x + in_one * ones).flatten(-2), sums[2, ..., -1:, -1]], dim=-1)
    xx, x, ones = sums[..., None, :-1, None, :-1].unbind(0)
    row_x, row_one = in_x[..., None, None], in_one[..., None, None]
    column_x, column_one = in_x[..., None, None, :, :], in_one[..., None, None, :, :]
    of_units = row_x * (column_x * xx + column_one * x) + row_one * (
        column_x * x + column_one * ones
    )
    rows = of_units.flatten(-4, -3).flatten(-2)  # (D, I, 3 H, 3 H)
    rows = torch.cat([rows, with_c[..., None, :-1]], dim=-2)
    return torch.cat([rows, with_c[..., None]], dim=-1)


def _sums_of_pairs(parameters: Parameters, moments: Moments) -> Tensor:
    """2/n times the sums of x^2, x and 1 over the points where both units of a pair are active.

    A last unit stands for c and is active everywhere.

    Returns: (3, D, I, H + 1, H + 1).
    """
    first, last = active_range(parameters, moments)
    first = functional.pad(first, (0, 1), value=0)
    last = functional.pad(last, (0, 1), value=moments.x.shape[1])
    begin = torch.maximum(first[..., None], first[..., None, :])
    end = torch.minimum(last[..., None], last[..., None, :]).maximum(begin)
    row = moments.first[..., None]
    sums = moments.prefix[:3]
    return sums[:, row + end] - sums[:, row + begin]
