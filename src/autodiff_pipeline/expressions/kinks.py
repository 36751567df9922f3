"""Where an expression bends or jumps on an interval: at the sign changes of its `bends`."""

import torch
from torch import Tensor

from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.special_points import bends
from autodiff_pipeline.expressions.tensors import tensor_function

POINTS = 2**16  # equally spaced, at which signs are looked at
HALVINGS = 1100  # at most, from any interval down to neighbouring doubles


def kinks(expression: Expression, start: float, stop: float) -> Tensor:
    """Points in [start, stop] at which an argument of abs, a condition of where ... changes sign.

    A kink is found to the nearest doubles if no other of the same argument lies within
    (stop - start) / POINTS of it, and sought only where the argument is defined.
    Returns: (K,) float64, sorted.
    """
    grid = torch.linspace(start, stop, POINTS, dtype=torch.float64)
    found = [_sign_changes(argument, grid) for argument in set(bends(expression))]
    return torch.cat([grid[:0], *found]).sort().values


def _sign_changes(argument: Expression, grid: Tensor) -> Tensor:
    value = tensor_function(argument)
    values = value(grid)
    signs, defined = values.sign(), ~values.isnan()
    between = (signs[:-1] != signs[1:]) & defined[:-1] & defined[1:]
    left, right, of_left = grid[:-1][between], grid[1:][between], signs[:-1][between]
    for _ in range(HALVINGS):
        middle = left + (right - left) / 2
        if ((middle == left) | (middle == right)).all():
            break
        same = value(middle).sign() == of_left
        left, right = torch.where(same, middle, left), torch.where(same, right, middle)
    return right
