"""Every float32 of an interval, in parts: which ranks each of many jobs takes. Imports no torch."""

import struct
from itertools import pairwise

POINTS_PER_PART = 2**22  # about a minute or two


def rank_of_float32(x: float) -> int:
    """The rank among float32 of the float32 nearest to x; see `points.ranks`."""
    (bits,) = struct.unpack("<i", struct.pack("<f", x))
    return int(bits) if bits >= 0 else -(2**31) - int(bits)


def parts(interval: tuple[float, float]) -> list[tuple[int, int]]:
    """Ranges of ranks, first and beyond the last, that together cover the interval's float32."""
    start, stop = interval
    first = rank_of_float32(start) + (_nearest_float32(start) < start)
    beyond = rank_of_float32(stop) + (_nearest_float32(stop) <= stop)
    return list(pairwise([*range(first, beyond, POINTS_PER_PART), beyond]))


def _nearest_float32(x: float) -> float:
    (nearest,) = struct.unpack("<f", struct.pack("<f", x))
    return float(nearest)
