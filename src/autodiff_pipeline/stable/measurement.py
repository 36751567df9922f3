"""What the stable rules hold: their largest errors against certified truth, by order and dtype.

Half precision is taken whole, float32 in every number of a range, float64 by a search: random
points, then points about those of the largest errors, and about these again.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, ulp_errors
from autodiff_pipeline.stable.activations import STABLE_RULES
from autodiff_pipeline.truth.by_pieces import truth_by_pieces
from autodiff_pipeline.truth.pieces import Pieces, build_pieces


class Meaning(NamedTuple):
    """What a rule computes, and where its derivatives neither vanish nor are constant."""

    expression: str
    start: float
    stop: float


# For |x| beyond, every derivative rounds in float32 to a constant, in most cases 0.
MEANINGS: Mapping[str, Meaning] = {
    "elu": Meaning("relu(x) + expm1(-relu(-x))", -110, 10),
    "exp2": Meaning("2**x", -155, 130),
    "expm1": Meaning("expm1(x)", -110, 90),
    "gelu": Meaning("gelu(x)", -16, 16),
    "log_ndtr": Meaning("log(erfc(-x/sqrt(2))/2)", -60, 16),
    "logsigmoid": Meaning("-softplus(-x)", -110, 110),
    "mish": Meaning("x*tanh(softplus(x))", -110, 60),
    "selu": Meaning(
        "1.0507009873554804934193349852946"
        "*(relu(x) + 1.6732632423543772848170429916717*expm1(-relu(-x)))",
        -110,
        10,
    ),
    "sigmoid": Meaning("sigmoid(x)", -110, 110),
    "silu": Meaning("silu(x)", -110, 110),
    "sinc": Meaning("sin(pi*x)/(pi*x)", -30, 30),
    "softplus": Meaning("softplus(x)", -110, 110),
    "tanh": Meaning("tanh(x)", -60, 60),
    "tanhshrink": Meaning("x - tanh(x)", -60, 60),
}


class Worst(NamedTuple):
    """The largest error of one derivative among some points."""

    points: int  # with certified truth
    max_ulp_error: float
    worst_x: float


NOTHING = Worst(0, 0.0, np.nan)


def orders_of(name: str) -> range:
    """The orders of derivative that a rule has."""
    return range(1, len(STABLE_RULES[name]))


def pieces_of(name: str, dtype: str) -> Pieces:
    """The truth of a rule's derivatives on its range."""
    expression, start, stop = MEANINGS[name]
    return build_pieces(parse(expression), start, stop, len(orders_of(name)), FORMATS[dtype])


def errors(name: str, dtype: str, x: Tensor, pieces: Pieces) -> list[Doubles]:
    """Errors in ulp at ascending points of the dtype, by order; NaN without certified truth."""
    truths = truth_by_pieces(pieces, x.double().numpy())
    values = [rule(x.double()).to(DTYPES[dtype]) for rule in STABLE_RULES[name][1:]]
    return [
        ulp_errors(value.double().numpy(), truth, FORMATS[dtype])
        for value, truth in zip(values, truths, strict=True)
    ]


def worst(name: str, dtype: str, chunks: Iterable[Tensor], pieces: Pieces) -> list[Worst]:
    """The largest errors over chunks of ascending points, by order."""
    found = [NOTHING for _ in orders_of(name)]
    for x in chunks:
        for n, error in enumerate(errors(name, dtype, x, pieces)):
            found[n] = merge(found[n], _worst_of(x, error))
    return found


def _worst_of(x: Tensor, error: Doubles) -> Worst:
    known = ~np.isnan(error)
    if not known.any():
        return NOTHING
    place = int(np.nanargmax(error))
    return Worst(int(known.sum()), float(error[place]), float(x[place]))


def merge(a: Worst, b: Worst) -> Worst:
    """The largest error of both."""
    larger = b if b.max_ulp_error > a.max_ulp_error or not a.points else a
    return larger._replace(points=a.points + b.points)


def sampled(name: str, dtype: str, count: int, generator: torch.Generator) -> Tensor:
    """Ascending points of a rule's range: uniform in x, near 0, and over all magnitudes."""
    _, start, stop = MEANINGS[name]
    uniform = torch.rand(3, count, generator=generator, dtype=torch.float64)
    exponents = -torch.rand(count, generator=generator, dtype=torch.float64) * 1074
    reach = max(-start, stop)
    sign = torch.where(uniform[2] < 0.5, -1.0, 1.0)
    x = torch.cat(
        [start + (stop - start) * uniform[0], 12 * uniform[1] - 6, sign * reach * exponents.exp2()]
    ).to(DTYPES[dtype])
    return x[(x >= start) & (x <= stop)].sort().values


def search(
    name: str, dtype: str, count: int, rounds: int, generator: torch.Generator
) -> list[Worst]:
    """The largest errors that a search finds: samples, then twice about the worst of each order."""
    pieces = pieces_of(name, dtype)
    _, start, stop = MEANINGS[name]
    found = [NOTHING for _ in orders_of(name)]
    for _ in range(rounds):
        x = sampled(name, dtype, count, generator)
        for width in (2**40, 2**20, 0):  # numbers of the dtype
            all_errors = errors(name, dtype, x, pieces)
            for n, error in enumerate(all_errors):
                found[n] = merge(found[n], _worst_of(x, error))
            if width:
                x = _about(x, all_errors, width, generator)
                x = x[(x >= start) & (x <= stop)]
    return found


def _about(x: Tensor, all_errors: list[Doubles], width: int, generator: torch.Generator) -> Tensor:
    """Points at most ``width`` numbers of the dtype from the points of the largest errors."""
    places = np.concatenate([np.argsort(np.nan_to_num(e, nan=-1.0))[-50:] for e in all_errors])
    offsets = torch.randint(-width, width + 1, (40,), generator=generator)
    near = ranks(x[torch.from_numpy(places)])[:, None] + offsets
    return from_ranks(near.flatten(), x.dtype).sort().values


def float32_parts(name: str, size: int) -> Iterator[tuple[int, int]]:
    """The ranks of all float32 of a rule's range, outermost first, ``size`` in a part at most."""
    _, start, stop = MEANINGS[name]
    low, high = ranks(torch.tensor([start, stop], dtype=torch.float32)).tolist()
    first, last = low, high + 1
    while first < last:
        if last - max(first, 0) >= max(min(0, last) - first, 0):
            begin = max(last - size, 0 if last > 0 else first, first)
            yield begin, last
            last = begin
        else:
            end = min(first + size, 0)
            yield first, end
            first = end
