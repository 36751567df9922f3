"""Where an expression bends or jumps: where an argument of abs, relu, sign or step changes sign."""

from collections.abc import Iterator

import torch
from torch import Tensor

from autodiff_pipeline.expressions.grammar import Expression, Operation, nodes
from autodiff_pipeline.expressions.tensors import tensor_function

BENT = ("abs", "relu", "sign", "step")  # the functions that bend or jump where they cross 0
POINTS = 2**16  # equally spaced, at which signs are looked at
HALVINGS = 1100  # at most, from any interval down to neighbouring doubles


def kinks(expression: Expression, start: float, stop: float) -> Tensor:
    """Points in [start, stop] at which an argument of abs, relu, sign or step changes sign.

    A kink is found to the nearest doubles if no other of the same argument lies within
    (stop - start) / POINTS of it, and sought only where the argument is defined.
    Returns: (K,) float64, sorted.
    """
    grid = torch.linspace(start, stop, POINTS, dtype=torch.float64)
    found = [_sign_changes(argument, grid) for argument in set(_arguments(expression))]
    return torch.cat([grid[:0], *found]).sort().values


def _arguments(expression: Expression) -> Iterator[Expression]:
    """The arguments of every function in BENT, at any depth."""
    for node in nodes(expression):
        if isinstance(node, Operation) and node.name in BENT:
            yield from node.arguments


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
