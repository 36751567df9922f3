"""Every float32 of an interval, in ranges of ranks for separate jobs.

Imports no torch: the workflow is planned with it.
"""

import math
import struct
from itertools import pairwise

_INFINITY = 2**31 - 2**23  # its rank, beyond that of the largest float32


def rank_of_float32(x: float) -> int:
    """The rank among float32 of the float32 nearest to x; see `ranks.ranks`."""
    (bits,) = struct.unpack("<i", struct.pack("<f", _nearest_float32(x)))
    return int(bits) if bits >= 0 else -(2**31) - int(bits)


def float32_ranges(interval: tuple[float, float], numbers: int) -> list[tuple[int, int]]:
    """Ranges of ranks that together cover the interval's float32, each as (first, last + 1).

    Each has at most so many numbers. The list is empty where the interval contains no float32.
    """
    start, stop = interval
    first = rank_of_float32(start) + (_nearest_float32(start) < start)
    beyond = min(rank_of_float32(stop) + (_nearest_float32(stop) <= stop), _INFINITY)
    return list(pairwise([*range(first, beyond, numbers), beyond]))


def _nearest_float32(x: float) -> float:
    try:
        (nearest,) = struct.unpack("<f", struct.pack("<f", x))
    except OverflowError:
        return math.copysign(math.inf, x)
    return float(nearest)
