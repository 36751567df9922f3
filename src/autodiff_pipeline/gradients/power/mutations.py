"""Wrong gradients of a known size, in seven ways that people get gradients wrong.

A mutation draws a function, a point and two gradients there: the right one, and one whose largest
error is delta times its largest entry. Mutations other than "kink_value" take their function
without kinks or near some, as they are told.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from autodiff_pipeline.gradients.power.functions import (
    Function,
    gradient_at,
    kinked,
    near_kinks,
    normal,
    smooth,
    uniform,
    whole,
)


class Trial(NamedTuple):
    """A function at a point, its right gradient there and a wrong one."""

    function: Function
    point: Tensor
    right: Tensor
    wrong: Tensor


def sign(stream: Generator, delta: float, *, near: bool) -> Trial:
    """The gradient of one term of a sum has the wrong sign."""
    function, point, term = _with_a_term(stream, delta / 2, near)
    right = gradient_at(function, point)
    return Trial(function, point, right, right - 2 * gradient_at(term, point))


def factor(stream: Generator, delta: float, *, near: bool) -> Trial:
    """The gradient is multiplied by 1 + delta."""
    function, point = _drawn(stream, whole(stream, 2, 8), near)
    right = gradient_at(function, point)
    return Trial(function, point, right, (1 + delta) * right)


def dropped_term(stream: Generator, delta: float, *, near: bool) -> Trial:
    """The gradient of one term of a sum is left out."""
    function, point, term = _with_a_term(stream, delta, near)
    right = gradient_at(function, point)
    return Trial(function, point, right, right - gradient_at(term, point))


def kink_value(stream: Generator, delta: float, *, near: bool) -> Trial:
    """At a kink, an entry lies outside of the slopes of both sides; whatever ``near`` says."""
    base, point = _drawn(stream, whole(stream, 2, 8), near=False)
    entry = whole(stream, 0, len(point) - 1)
    unit, kink = kinked(stream, point, entry, 0.0)

    def function(x: Tensor) -> Tensor:
        return base(x) + unit.function(x[entry] - kink)

    right = gradient_at(function, point)
    beside = gradient_at(base, point)[entry]
    error = delta * float(right.abs().max())
    is_above = uniform(stream, -1, 1) > 0
    wrong = right.clone()
    wrong[entry] = beside + (unit.high + error if is_above else unit.low - error)
    return Trial(function, point, right, wrong)


def zeroed_tail(stream: Generator, delta: float, *, near: bool) -> Trial:
    """An entry far out in the tail of a function, where its slope is delta, is given as 0."""
    base, rest = _drawn(stream, whole(stream, 1, 7), near)
    names = list(TAILS)
    tail = TAILS[names[whole(stream, 0, len(names) - 1)]]
    side = 1.0 if uniform(stream, -1, 1) > 0 else -1.0
    place = side * tail.place(torch.tensor(delta, dtype=torch.float64))
    size = gradient_at(base, rest).abs().max()

    def function(x: Tensor) -> Tensor:
        return base(x[1:]) + size * tail.function(x[0])

    point = torch.cat([place[None], rest])
    right = torch.cat([size * tail.slope(place)[None], gradient_at(base, rest)])
    wrong = torch.cat([torch.zeros_like(right[:1]), right[1:]])
    return Trial(function, point, right, wrong)


def transposed(stream: Generator, delta: float, *, near: bool) -> Trial:
    """The gradient of a function of a matrix is transposed; it is nearly symmetric."""
    rows = whole(stream, 2, 3)
    base, flat = _drawn(stream, rows * rows, near)
    found = gradient_at(base, flat).view(rows, rows)
    symmetric = (found + found.T) / 2
    skew = torch.triu(normal(stream, rows, rows), diagonal=1)
    skew = (skew - skew.T) / skew.abs().max()
    wanted = symmetric + delta / 2 * symmetric.abs().max() * skew
    turned = _turned(base, flat, wanted.flatten())

    def function(x: Tensor) -> Tensor:
        return turned(x.flatten())

    point = flat.view(rows, rows)
    right = gradient_at(function, point)
    return Trial(function, point, right, right.T.contiguous())


def shifted_index(stream: Generator, delta: float, *, near: bool) -> Trial:
    """Every entry is that of its neighbour; they are nearly equal."""
    base, point = _drawn(stream, whole(stream, 2, 8), near)
    size = gradient_at(base, point).abs().max()
    apart = normal(stream, len(point))
    apart = apart / (apart.roll(1) - apart).abs().max()
    function = _turned(base, point, size * (1 + delta * (apart - apart.max())))
    right = gradient_at(function, point)
    return Trial(function, point, right, right.roll(1))


MUTATIONS: Mapping[str, Callable[..., Trial]] = {
    "sign": sign,
    "factor": factor,
    "dropped_term": dropped_term,
    "kink_value": kink_value,
    "zeroed_tail": zeroed_tail,
    "transposed": transposed,
    "shifted_index": shifted_index,
}  # positions are part of random streams: append to them, never reorder


class Tail(NamedTuple):
    """A function that becomes flat, its slope in closed form, and where that is small."""

    function: Function
    slope: Callable[[Tensor], Tensor]  # stable: torch's own loses all digits far out
    place: Callable[[Tensor], Tensor]  # where the slope is some number below 1


TAILS: Mapping[str, Tail] = {
    "tanh": Tail(torch.tanh, lambda x: 1 / torch.cosh(x) ** 2, lambda d: torch.acosh(d**-0.5)),
    "logistic": Tail(
        torch.sigmoid,
        lambda x: torch.exp(-x.abs()) / (1 + torch.exp(-x.abs())) ** 2,
        lambda d: torch.log((1 - 2 * d + torch.sqrt(1 - 4 * d)) / (2 * d)),
    ),
    "arctangent": Tail(torch.atan, lambda x: 1 / (1 + x * x), lambda d: torch.sqrt(1 / d - 1)),
}


def _drawn(stream: Generator, entries: int, near: bool) -> tuple[Function, Tensor]:
    """A function of so many entries, and a point."""
    point = normal(stream, entries)
    base = smooth(stream, entries)
    if not near:
        return base, point
    kinks = near_kinks(stream, point)
    return (lambda x: base(x) + kinks(x)), point


def _with_a_term(stream: Generator, size: float, near: bool) -> tuple[Function, Tensor, Function]:
    """A function, a point, and a term of it whose gradient is of a size, relative to the other."""
    base, point = _drawn(stream, whole(stream, 2, 8), near)
    other = smooth(stream, len(point))
    largest = gradient_at(base, point).abs().max()
    weight = size * largest / gradient_at(other, point).abs().max()

    def term(x: Tensor) -> Tensor:
        return weight * other(x)

    return (lambda x: base(x) + term(x)), point, term


def _turned(base: Function, point: Tensor, wanted: Tensor) -> Function:
    """The function plus a linear one, so that its gradient at the point is as wanted."""
    line = wanted - gradient_at(base, point)
    return lambda x: base(x) + (line * (x - point)).sum()
