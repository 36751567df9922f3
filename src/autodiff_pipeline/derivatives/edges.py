"""Where the sign of a computed derivative changes, or where it becomes 0, infinite or NaN.

Whatever goes wrong there is easily missed by points drawn at random: exp2' is infinite from 1024
on, and ought to be from 1024.53 on.
"""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.derivatives.kinds import Kinds
from autodiff_pipeline.derivatives.regions import Border, Ranks, located
from autodiff_pipeline.numbers.ranks import doubles, from_ranks, ranks

_MOST = 32  # edges of one derivative: in noise there is one at every other point
_BESIDE = torch.arange(-2, 3)  # numbers on both sides

Compute = Callable[[Tensor], Tensor]  # a derivative at every element


def edges(derivative: Compute, x: Tensor) -> Tensor:
    """The numbers beside the edges of a derivative that lie between the ascending numbers x."""
    rank = ranks(x).numpy()
    classes = _classes(derivative(x))
    changes = np.flatnonzero(np.diff(classes))
    changes = changes[np.linspace(0, len(changes) - 1, min(len(changes), _MOST)).astype(int)]
    borders = [Border(int(classes[i + 1]), int(rank[i]), int(rank[i + 1])) for i in changes]

    def classes_at(asked: Ranks) -> Kinds:
        return _classes(derivative(from_ranks(torch.from_numpy(asked), x.dtype)))

    found = torch.tensor(located(borders, classes_at), dtype=torch.int64)
    near = torch.unique(found[:, None] + _BESIDE)
    return from_ranks(near[(near >= rank[0]) & (near <= rank[-1])], x.dtype)


def _classes(values: Tensor) -> NDArray[np.int8]:
    """-2 for minus infinity, -1 for negative numbers, 0, 1, 2, and 3 for NaN."""
    found = doubles(values)
    with np.errstate(invalid="ignore"):
        classes = np.sign(found) * (1 + np.isinf(found))
    return np.where(np.isnan(found), 3, classes).astype(np.int8)
