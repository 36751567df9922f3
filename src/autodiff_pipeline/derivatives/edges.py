"""Where the sign of a computed derivative changes, or where it becomes 0, infinite or NaN.

Whatever goes wrong there is easily missed by points drawn at random: exp2' is infinite from 1024
on, and ought to be from 1024.53 on.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.derivatives.kinds import Kinds
from autodiff_pipeline.derivatives.regions import Border, Ranks, located
from autodiff_pipeline.numbers.ranks import doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import Doubles

_MOST = 32  # edges of one derivative: in noise there is one at every other point
_BESIDE = torch.arange(-2, 3)  # numbers on both sides

Compute = Callable[[Tensor], Tensor]  # a derivative at every element


def edges(derivative: Compute, x: Tensor, values: Doubles, likely: Sequence[int]) -> list[int]:
    """The ranks of numbers at edges of a derivative that lie between the ascending numbers x.

    Args: values, the derivative at these; likely, ranks where edges may well be, such as those of
    another mode.
    """
    rank = ranks(x).numpy()
    classes = _classes(values)
    changes = np.flatnonzero(np.diff(classes))
    changes = changes[np.linspace(0, len(changes) - 1, min(len(changes), _MOST)).astype(int)]
    borders = [Border(int(classes[i + 1]), int(rank[i]), int(rank[i + 1])) for i in changes]

    def classes_at(asked: Ranks) -> Kinds:
        return _classes(doubles(derivative(from_ranks(torch.from_numpy(asked), x.dtype))))

    return located(borders, classes_at, likely)


def beside_edges(found: Sequence[int], x: Tensor) -> Tensor:
    """The numbers beside edges that lie between the ascending numbers x."""
    near = torch.unique(torch.tensor(found, dtype=torch.int64)[:, None] + _BESIDE)
    first, last = ranks(x[[0, -1]])
    return from_ranks(near[(near >= first) & (near <= last)], x.dtype)


def _classes(values: Doubles) -> NDArray[np.int8]:
    """-2 for minus infinity, -1 for negative numbers, 0, 1, 2, and 3 for NaN."""
    with np.errstate(invalid="ignore"):
        classes = np.sign(values) * (1 + np.isinf(values))
    return np.where(np.isnan(values), 3, classes).astype(np.int8)
