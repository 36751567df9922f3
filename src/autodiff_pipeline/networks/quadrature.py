"""Integrals over pieces, each of which is halved until it agrees with its halves.

The rule is Gauss-Kronrod's with 15 nodes, 7 of which form a Gauss rule; nodes and weights are those
of QUADPACK (Piessens, de Doncker-Kapenga, Überhuber & Kahaner 1983, routine qk15).
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

TOLERANCE = 1e-11  # the largest difference of a piece and its halves, relative to the integral
LEVELS = 60  # of halving, down to neighbouring doubles
MOST = 2**14  # pieces at a time, a limit for functions that are mostly noise

_POSITIVE_NODES = [
    0.20778495500789846760,
    0.40584515137739716691,
    0.58608723546769113029,
    0.74153118559939443986,
    0.86486442335976907279,
    0.94910791234275852453,
    0.99145537112081263921,
]
_KRONROD = [  # weights of the 15 nodes, from the one at 0 outwards
    0.20948214108472782801,
    0.20443294007529889241,
    0.19035057806478540991,
    0.16900472663926790283,
    0.14065325971552591875,
    0.10479001032225018384,
    0.06309209262997855329,
    0.02293532201052922496,
]
_GAUSS = [  # weights of every other node
    0.41795918367346938776,
    0.0,
    0.38183005050511894495,
    0.0,
    0.27970539148927666790,
    0.0,
    0.12948496616886969327,
    0.0,
]


def _both_sides(from_zero: list[float], sign: float = 1.0) -> Tensor:
    return torch.tensor([sign * v for v in from_zero[:0:-1]] + from_zero, dtype=torch.float64)


NODES = _both_sides([0.0, *_POSITIVE_NODES], sign=-1.0)  # (15,), in [-1, 1]
KRONROD, GAUSS = _both_sides(_KRONROD), _both_sides(_GAUSS)  # weights (15,), the sum 2
_VALUE_AND_ERROR = torch.stack([KRONROD, KRONROD - GAUSS], dim=1)


class Pieces(NamedTuple):
    """An interval cut into pieces so small that the rule is accurate on each."""

    breaks: Tensor  # (P + 1,) sorted
    integral: float  # of the square of the function over all of them


def resolve(function: Callable[[Tensor], Tensor], breaks: Tensor, rounding: float = 0.0) -> Pieces:
    """Halve the pieces between breaks until the integral of function(z)^2 is known.

    A piece is accepted if both rules agree on it to TOLERANCE of the whole integral, or as far as
    rounding permits; otherwise it is halved. Halves are accepted if their sum agrees with the
    piece. So kinks and jumps inside a piece are found, unless no node lies between them and the
    nearest break. Breaks at kinks make the halving unnecessary.

    Args: function, from points (P, 15) to values there, float64; breaks (P + 1,), sorted;
    rounding, the root of the integral of the square of the function's rounding error.
    Returns: the pieces; the integral is infinite or NaN if the function is so at some node.
    """
    left, right = breaks[:-1], breaks[1:]
    known = total = 0.0
    whole = None  # the integrals over what left and right are the halves of
    lefts = []
    for _ in range(LEVELS):
        radius = (right - left) / 2
        squares = function((left + radius)[:, None] + radius[:, None] * NODES).square()
        value, error = (radius[:, None] * (squares @ _VALUE_AND_ERROR)).unbind(1)
        total = known + value.sum().item()
        if whole is not None:
            error = (value.view(2, -1).sum(0) - whole).repeat(2)
        tolerance = TOLERANCE * total + rounding * (2 * math.sqrt(total) + rounding)
        halved = error.abs() > tolerance
        if len(left) > MOST or not halved.any() or not math.isfinite(total):
            break
        known += value[~halved].sum().item()
        lefts.append(left[~halved])
        left, right, whole = left[halved], right[halved], value[halved]
        middle = left + (right - left) / 2
        left, right = torch.cat([left, middle]), torch.cat([middle, right])
    return Pieces(torch.cat([*lefts, left, breaks[-1:]]).sort().values, total)
