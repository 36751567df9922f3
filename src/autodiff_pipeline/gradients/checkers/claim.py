"""What a checker is asked, and what it may answer."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from torch import Tensor

Verdict = Literal["right", "wrong", "undecided"]


class Claim(NamedTuple):
    """That a function has this gradient at this point."""

    function: Callable[[Tensor], Tensor]  # from the point's shape to (), in float64
    point: Tensor  # of any shape, float64
    gradient: Tensor  # of the point's shape


Checker = Callable[[Claim, int], Verdict]  # the number is a seed, for checkers that draw
