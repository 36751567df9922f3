"""Points in pieces of one length, for systems that compile a program for each length."""

from collections.abc import Callable

import torch
from torch import Tensor

LENGTH = 8192  # whole vector registers, so that nothing is left over for other code


def by_pieces(function: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """An elementwise function at the elements of x, (n,), given LENGTH of them at a time.

    The last piece is filled up with the last element.
    """
    filled = torch.cat([x, x[-1:].expand(-len(x) % LENGTH)])
    return torch.cat([function(piece) for piece in filled.view(-1, LENGTH).clone()])[: len(x)]
