"""Derivatives judged by truth, at kinks by what is right there, and beside roots with lenience."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.kinds import BESIDE_ROOT, RIGHT, Kinds, kinds_of
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth, at_places
from autodiff_pipeline.truth.hulls import Hull

NEAR = 16  # numbers of the dtype

TruthAt = Callable[[Doubles], Truth]  # at ascending points


class Judged(NamedTuple):
    """Values of one derivative at some points, each of shape (points,)."""

    values: Doubles
    truths: Doubles  # rounded; at a kink the nearest value that is right
    kinds: Kinds
    errors: Doubles  # in ulp


def judged(
    x: Tensor, values: Doubles, truth: Truth, hulls: Mapping[int, Hull], truth_at: TruthAt
) -> Judged:
    """Compare values with the truth, or with the hull where no truth is certified.

    Beside a root of the derivative even a tiny error is larger than the truth. BESIDE_ROOT is added
    to the kind of a value that is closer to the truth than the truth is to that at a number near x,
    NEAR numbers away.

    Args: x, ascending; values, truth, of shape (points,); hulls, by the index of a point.
    """
    dtype = str(x.dtype).removeprefix("torch.")
    known = _with_hulls(values, truth, hulls, dtype)
    kinds, errors = kinds_of(values, known, FORMATS[dtype])
    wrong = np.flatnonzero((kinds != RIGHT) & np.isfinite(values) & np.isfinite(known.rounded))
    if len(wrong):
        rank = ranks(x)
        near = [
            truth_at(doubles(from_ranks((rank[wrong] + offset).clamp(rank[0], rank[-1]), x.dtype)))
            for offset in (-NEAR, NEAR)
        ]
        here = known.rounded[wrong]
        with np.errstate(invalid="ignore"):
            change = np.fmax(*(np.abs(each.rounded - here) for each in near))
            kinds[wrong[np.abs(values[wrong] - here) <= change]] += BESIDE_ROOT
    return Judged(values, known.rounded, kinds, errors)


def _with_hulls(values: Doubles, truth: Truth, hulls: Mapping[int, Hull], dtype: str) -> Truth:
    """The truth, at the points of hulls the nearest value inside."""
    if not hulls:
        return truth
    places = list(hulls)
    nearest = _nearest(values[places].tolist(), list(hulls.values()))
    rounded = torch.tensor(nearest, dtype=torch.float64).to(DTYPES[dtype]).double().numpy()
    form = FORMATS[dtype]
    exponent = np.frexp(np.where(np.isfinite(rounded), rounded, form.largest))[1]
    known = at_places(truth, np.arange(len(values)))
    known.rounded[places] = rounded
    known.remainder[places] = 0.0
    known.ulp_exponent[places] = np.maximum(exponent - form.precision, form.smallest_ulp_exponent)
    known.certified[places] = True
    return known


def _nearest(values: Sequence[float], hulls: Sequence[Hull]) -> list[float]:
    return [
        min(max(hull.low, value), hull.high)  # of NaN the lower end
        for value, hull in zip(values, hulls, strict=True)
    ]
