"""Numbers of a dtype at which derivatives are likely to go wrong, and their neighbours."""

from collections.abc import Iterable

import torch
from torch import Tensor

from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.special_points import special_points
from autodiff_pipeline.numbers.ranks import from_ranks, rank_interval, ranks

NEIGHBOURS = 4  # on either side of each
_INTEGERS = range(-8, 9)


def landmarks(
    expression: Expression, ends: tuple[float, float], given: Iterable[float]
) -> list[float]:
    """The ends, 0, 1, -1, the special points of the expression, and those given."""
    return [*ends, 0.0, 1.0, -1.0, *special_points(expression), *given]


def special_numbers(
    marks: Iterable[float], ends: tuple[float, float], dtype: torch.dtype
) -> Tensor:
    """Numbers between the ends and some neighbours of each, ascending, none of them twice.

    They are the marks, small integers, and the smallest and largest subnormals and normals of
    either sign. Beside 0 there is -0.
    """
    info = torch.finfo(dtype)
    sizes = [info.smallest_normal * info.eps, info.smallest_normal, info.max]
    signed = [sign * size for size in sizes for sign in (-1, 1)]
    places = torch.tensor([*marks, *_INTEGERS, *signed], dtype=torch.float64)
    return beside(ranks(places.to(dtype)), ends, dtype)


def beside(
    centres: Tensor,
    ends: tuple[float, float],
    dtype: torch.dtype,
    neighbours: int = NEIGHBOURS,
) -> Tensor:
    """The numbers between the ends that are among the neighbours of those with the ranks.

    They ascend, none is twice, and -0 comes before 0.
    """
    low, high = rank_interval(*ends, dtype)
    around = (centres[:, None] + torch.arange(-neighbours, neighbours + 1)).flatten()
    around = torch.tensor(sorted(set(around.tolist())), dtype=torch.int64)
    around = around[(around >= low) & (around <= high)]
    negative_zero = torch.full((int((around == 0).any()),), -0.0, dtype=dtype)
    first = int((around < 0).sum())
    numbers = from_ranks(around, dtype)
    return torch.cat([numbers[:first], negative_zero, numbers[first:]])
