"""The numbers of a dtype by their rank: all of an interval, evenly spaced ones, or a sample.

The *rank* of a number counts a dtype's numbers from zero: 0 for zero, 1 for the smallest subnormal,
-1 for its negative, and so on. It follows from the bits by undoing the sign-magnitude form. Ranks
turn "every number of the interval" into a range of integers, and "uniform over all magnitudes" into
a uniform draw.
"""

from collections.abc import Iterator

import numpy
import torch
from torch import Tensor

from autodiff_pipeline.numbers.grids import linear_grid
from autodiff_pipeline.numbers.ulp import Doubles

DTYPES = {
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
}
_INTEGERS = {2: torch.int16, 4: torch.int32, 8: torch.int64}  # by bytes
_DRAW_BITS = 62


def ranks(x: Tensor) -> Tensor:
    """The rank of each number among its dtype's numbers, int64; both zeros have rank 0."""
    bits = x.contiguous().view(_INTEGERS[x.element_size()]).to(torch.int64)
    sign_bit = -(1 << (8 * x.element_size() - 1))
    return torch.where(bits >= 0, bits, sign_bit - bits)


def from_ranks(rank: Tensor, dtype: torch.dtype) -> Tensor:
    """The numbers of a dtype that have the given ranks; the inverse of `ranks`."""
    sign_bit = -(1 << (8 * dtype.itemsize - 1))
    bits = torch.where(rank >= 0, rank, sign_bit - rank)
    return bits.to(_INTEGERS[dtype.itemsize]).view(dtype)


def rank_interval(start: float, stop: float, dtype: torch.dtype) -> tuple[int, int]:
    """The ranks of the smallest and the largest finite number of the dtype in [start, stop].

    The first exceeds the second where the dtype has no number there.
    """
    ends = torch.tensor([start, stop], dtype=torch.float64)
    rounded = ends.to(dtype)
    low, high = ranks(rounded).tolist()  # an infinity has the rank beyond the largest number
    return low + int(rounded[0] < ends[0]), high - int(rounded[1] > ends[1])


def all_points(start: float, stop: float, dtype: torch.dtype, chunk: int) -> Iterator[Tensor]:
    """Every number of the dtype in [start, stop], ascending, in chunks of at most ``chunk``."""
    low, high = rank_interval(start, stop, dtype)
    yield from points_of_ranks(low, high + 1, dtype, chunk)


def points_of_ranks(low: int, high: int, dtype: torch.dtype, chunk: int) -> Iterator[Tensor]:
    """The numbers with ranks low to high - 1, in chunks of at most ``chunk``."""
    for first in range(low, high, chunk):
        yield from_ranks(torch.arange(first, min(first + chunk, high)), dtype)


def even_points(start: float, stop: float, dtype: torch.dtype, count: int) -> Tensor:
    """``count`` equally spaced numbers from ``start`` to ``stop``, as the dtype has them.

    They cover the part of the interval within the dtype's range; each is rounded to the nearest
    number inside the interval. The result is empty where the dtype has no number there.
    """
    low, high = rank_interval(start, stop, dtype)
    if low > high:
        return torch.empty(0, dtype=dtype)
    first, last = from_ranks(torch.tensor([low, high]), dtype)
    largest = torch.finfo(dtype).max
    grid = linear_grid(max(start, -largest), min(stop, largest), count)
    return torch.tensor(grid, dtype=torch.float64).to(dtype).clamp(first, last)


def sampled_points(
    start: float, stop: float, dtype: torch.dtype, count: int, generator: torch.Generator
) -> Tensor:
    """``count`` numbers of the dtype in [start, stop], uniform over their ranks, ascending.

    Small magnitudes, which a uniform draw of x misses, are well covered: half of the draws from
    [-1, 1] are smaller than about the square root of the smallest normal number. The result is
    empty where the dtype has no number in the interval.
    """
    low, high = rank_interval(start, stop, dtype)
    if low > high:
        return torch.empty(0, dtype=dtype)
    draws = torch.randint(2**_DRAW_BITS, (count,), generator=generator, dtype=torch.int64)
    return from_ranks(_spread(draws, low, high - low + 1).sort().values, dtype)


def _spread(draws: Tensor, low: int, count: int) -> Tensor:
    """The sum low + (draws * count >> _DRAW_BITS), without overflow."""
    if count >= 2**32:
        return torch.tensor([low + (draw * count >> _DRAW_BITS) for draw in draws.tolist()])
    half = _DRAW_BITS // 2
    rest = (draws & ((1 << half) - 1)) * count >> half
    return low + ((draws >> half) * count + rest >> half)


def doubles(x: Tensor) -> Doubles:
    """The same numbers in numpy's float64."""
    return numpy.asarray(x.to(torch.float64).numpy(force=True))  # force: jvp may give a ZeroTensor
