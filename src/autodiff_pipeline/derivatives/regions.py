"""Regions of numbers in which a derivative is wrong in one way."""

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.derivatives.kinds import BESIDE_ROOT, RIGHT, Kinds
from autodiff_pipeline.numbers.ulp import Doubles

Ranks = NDArray[np.int64]

SMALL = 32.0  # ulp
_CALM = 4  # numbers: that as many have a small error by luck is unlikely
_TRIED = 15  # numbers between two, at once: each round of the search gains four bits


class Region(NamedTuple):
    """Examined numbers that are wrong in one way, with maybe a few others between them."""

    kind: int
    places: NDArray[np.int64]  # of those of the kind, indices, ascending


def regions_of(kinds: Kinds, errors: Doubles) -> list[Region]:
    """The regions among examined numbers, in order, with one for each kind that occurs in it.

    Args: kinds, errors in ulp, of the ascending numbers, (points,).

    A region ends where _CALM neighbouring numbers are right to SMALL ulp: where rounding errors are
    about as large as the limit beyond which they are findings, they make one ragged region, and not
    hundreds. Numbers whose error is not known count neither way. What lies beside roots is one
    region of each kind, from the first root to the last.
    """
    wrong = np.flatnonzero((kinds != RIGHT) & (kinds < BESIDE_ROOT))
    calm = np.concatenate([[0], np.cumsum((kinds == RIGHT) & (errors <= SMALL))])
    calm_between = calm[wrong[1:]] - calm[wrong[:-1]]
    parts = np.split(wrong, 1 + np.flatnonzero(calm_between >= _CALM))
    parts.append(np.flatnonzero(kinds >= BESIDE_ROOT))
    return [
        Region(int(kind), part[kinds[part] == kind])
        for part in parts
        for kind in np.unique(kinds[part])
    ]


class Border(NamedTuple):
    """Where to look for a border, by the ranks of two numbers."""

    kind: int  # of what is inside
    outside: int
    inside: int


def located(
    borders: Sequence[Border], kinds_at: Callable[[Ranks], Kinds], likely: Sequence[int] = ()
) -> list[int]:
    """For each border the rank of a number of its kind; its neighbour towards outside is not.

    Args: kinds_at, the kinds of the numbers with some ascending ranks, whatever a kind is; likely,
    ranks where borders may well be, such as those of another method: what is found is the same, but
    a border that is one of them takes one call instead of several.

    All borders are searched at once. As in any bisection, there may be further ones between the
    two numbers.
    """
    starts, ends = [each.outside for each in borders], [each.inside for each in borders]
    known: dict[int, int] = {}
    asked = foreseen(borders, likely)
    while True:
        if len(asked):
            known |= zip(asked.tolist(), kinds_at(asked).tolist(), strict=True)
        new: set[int] = set()
        for i, border in enumerate(borders):
            while row := _between(starts[i], ends[i]):
                if any(rank not in known for rank in row):
                    new.update(row)
                    break
                starts[i], ends[i] = _narrowed(
                    starts[i], row, ends[i], [known[rank] == border.kind for rank in row]
                )
        if not new:
            return ends
        asked = np.array(sorted(new), dtype=np.int64)


def foreseen(borders: Sequence[Border], likely: Sequence[int]) -> Ranks:
    """The ranks that `located` looks at in all its rounds if borders are where they may well be."""
    ranks = set()
    for (_, outside, inside), border in product(borders, likely):
        start, end = outside, inside
        sign = 1 if end > start else -1
        if sign * start < sign * border <= sign * end:
            while row := _between(start, end):
                ranks.update(row)
                start, end = _narrowed(
                    start, row, end, [sign * (rank - border) >= 0 for rank in row]
                )
    return np.array(sorted(ranks), dtype=np.int64)


def _narrowed(start: int, row: Sequence[int], end: int, inside: Sequence[bool]) -> tuple[int, int]:
    """The first number that is inside, of a row between two or else its end, and that before."""
    steps = [start, *row, end]
    found = 1 + (inside.index(True) if True in inside else len(row))
    return steps[found - 1], steps[found]


def _between(start: int, end: int) -> list[int]:
    """Up to _TRIED ranks strictly between two, in order from start to end."""
    size, sign = abs(end - start), 1 if end > start else -1
    parts = min(size, _TRIED + 1)
    return [start + sign * (size * k // parts) for k in range(1, parts)]
