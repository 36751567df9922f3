"""Derivatives that are computed once, for the accuracy table and for findings."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.derivatives.systems.registry import derivative
from autodiff_pipeline.numbers.ranks import doubles, ranks
from autodiff_pipeline.numbers.ulp import Doubles

CHUNK = 2**16  # points at a time: bounds the memory

Way = tuple[int, str]  # order, method


class Computed(NamedTuple):
    """Derivatives of one subject at some numbers."""

    subject: Subject
    x: Tensor  # (points,)
    values: Mapping[Way, Doubles]  # each (points,); what is unavailable is not there


def computed(subject: Subject, ways: Iterable[Way], x: Tensor) -> Computed:
    """The derivatives in some ways at numbers, (points,), CHUNK of them at a time."""
    values = {}
    chunks = [chunk for chunk in torch.split(x, CHUNK) if len(chunk)]
    for order, method in ways:
        with suppress(Unavailable):
            parts = [doubles(derivative(method, subject, order, chunk)) for chunk in chunks]
            values[order, method] = np.concatenate([np.empty(0), *parts])
    return Computed(subject, x, values)


def with_more(known: Computed, more: Tensor) -> Computed:
    """The same at further numbers too: in order, each once, with -0 before 0."""
    x = torch.cat([known.x, more])
    places = _ascending(x)
    is_new = places >= len(known.x)
    x = x[torch.from_numpy(places)]
    new = computed(known.subject, known.values, x[torch.from_numpy(is_new)])
    places[is_new] = len(known.x) + np.arange(len(new.x))
    values = {
        way: np.concatenate([known.values[way], values])[places]
        for way, values in new.values.items()
    }
    return Computed(known.subject, x, values)


def same_bits(a: Doubles, b: Doubles) -> bool:
    """Whether two methods agree in every bit, as they often do."""
    return np.array_equal(a.view(np.int64), b.view(np.int64))


def _ascending(x: Tensor) -> NDArray[np.intp]:
    """The first places of the numbers in order, each once, with -0 before 0."""
    rank, positive = ranks(x).numpy(), ~torch.signbit(x).numpy()
    order = np.lexsort((positive, rank))
    rank, positive = rank[order], positive[order]
    is_new = np.ones(len(x), dtype=np.bool_)
    is_new[1:] = (rank[1:] != rank[:-1]) | (positive[1:] != positive[:-1])
    return order[is_new]
