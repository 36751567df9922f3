"""How right the stable rules are: their largest errors against certified truth, by order and dtype.

Every number of half precision is tried, and every number of float32 that is not tiny. Elsewhere,
and in float64, the largest error is searched: at random points, then twice around the worst found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, all_points, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth, ulp_errors
from autodiff_pipeline.randomness import points_generator
from autodiff_pipeline.stable.activations import STABLE_RULES
from autodiff_pipeline.truth.at_points import certified_derivatives
from autodiff_pipeline.truth.by_pieces import truth_by_pieces
from autodiff_pipeline.truth.pieces import Pieces, build_pieces


class Meaning(NamedTuple):
    """What a rule computes, and where: outside, float32 derivatives are constant, mostly 0."""

    expression: str
    start: float
    stop: float


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
_CHUNK = 2**14  # points at once: temporaries stay in the cache
_CORE = 25.0  # float64 is searched by pieces up to here, and sampled beyond
_FAR = 760.0  # exp(-x) is 0 in float64 from here on


class Worst(NamedTuple):
    """The largest error of one derivative among some points."""

    points: int  # whose truth is certified, and not 0
    max_ulp_error: float
    worst_x: float


_NOTHING = Worst(0, 0.0, np.nan)


def orders_of(name: str) -> range:
    """The orders of derivative that a rule has."""
    return range(1, len(STABLE_RULES[name]))


def pieces_of(name: str, dtype: str) -> Pieces:
    """The truth of a rule's derivatives where it is measured."""
    expression, start, stop = MEANINGS[name]
    reach = _CORE if dtype == "float64" else _FAR
    interval = max(start, -reach), min(stop, reach)
    return build_pieces(parse(expression), *interval, len(orders_of(name)), FORMATS[dtype])


def errors(name: str, dtype: str, x: Tensor, truths: Sequence[Truth]) -> list[Doubles]:
    """Errors in ulp at points of a dtype, by order; NaN where the truth is unknown or 0."""
    values = [rule(x.double()).to(DTYPES[dtype]) for rule in STABLE_RULES[name][1:]]
    return [
        ulp_errors(value.double().numpy(), truth, FORMATS[dtype])
        for value, truth in zip(values, truths, strict=True)
    ]


def every_number(name: str, dtype: str, smallest: float) -> Iterator[Tensor]:
    """All numbers of a dtype in a rule's range of at least this size, ascending in each chunk."""
    _, start, stop = MEANINGS[name]
    yield from all_points(start, -smallest, DTYPES[dtype], _CHUNK)
    yield from all_points(smallest, stop, DTYPES[dtype], _CHUNK)


def exhaustive(name: str, dtype: str, chunks: Iterable[Tensor], pieces: Pieces) -> list[Worst]:
    """The largest errors over chunks of ascending points, by order."""
    found = [_NOTHING for _ in orders_of(name)]
    for x in chunks:
        truths = truth_by_pieces(pieces, x.double().numpy())
        found = _with(found, x, errors(name, dtype, x, truths))
    return found


def search(name: str, dtype: str, count: int, generator: torch.Generator) -> list[Worst]:
    """The largest errors that a search finds, by order.

    Args: ``count`` points of each kind to begin with: uniform, about 0, of all magnitudes, far out.
    """
    pieces = pieces_of(name, dtype)
    start, stop = pieces.ends[[0, -1]].tolist()
    x = _samples(start, stop, dtype, count, generator)
    found = [_NOTHING for _ in orders_of(name)]
    for width in (2**40 if dtype == "float64" else 2**12, 64, 0):  # in numbers of the dtype
        all_errors = errors(name, dtype, x, truth_by_pieces(pieces, x.double().numpy()))
        found = _with(found, x, all_errors)
        near = _about(x, all_errors, width, generator)
        x = near[(near >= start) & (near <= stop)]
    return _with(found, *_far_out(name, dtype, count // 10, generator))


def _samples(
    start: float, stop: float, dtype: str, count: int, generator: torch.Generator
) -> Tensor:
    uniform = torch.rand(4, count, generator=generator, dtype=torch.float64)
    size = max(-start, stop) * torch.exp2(-1074 * uniform[2])
    x = torch.cat(
        [
            start + (stop - start) * uniform[0],
            12 * uniform[1] - 6,
            torch.where(uniform[3] < 0.5, size, -size),
        ]
    ).to(DTYPES[dtype])
    return x[(x >= start) & (x <= stop)].sort().values


def _about(x: Tensor, all_errors: list[Doubles], width: int, generator: torch.Generator) -> Tensor:
    """Points at most ``width`` numbers of the dtype from those of the largest errors."""
    places = np.concatenate([np.argsort(np.nan_to_num(e, nan=-1.0))[-50:] for e in all_errors])
    offsets = torch.randint(-width, width + 1, (40,), generator=generator)
    near = ranks(x[torch.from_numpy(places)])[:, None] + offsets
    return from_ranks(near.flatten(), x.dtype).sort().values


def _far_out(
    name: str, dtype: str, count: int, generator: torch.Generator
) -> tuple[Tensor, list[Doubles]]:
    """Points to where exponentials underflow in float64, and the errors there."""
    x = (torch.rand(count, generator=generator, dtype=torch.float64) * 2 - 1) * _FAR
    x = x.to(DTYPES[dtype])
    expression, orders = parse(MEANINGS[name].expression), len(orders_of(name))
    truths = certified_derivatives(expression, x.tolist(), orders, FORMATS[dtype])
    return x, errors(name, dtype, x, truths)


def _with(found: list[Worst], x: Tensor, all_errors: list[Doubles]) -> list[Worst]:
    return [merge(a, _worst_of(x, error)) for a, error in zip(found, all_errors, strict=True)]


def _worst_of(x: Tensor, error: Doubles) -> Worst:
    known = int((~np.isnan(error)).sum())
    if not known:
        return _NOTHING
    place = int(np.nanargmax(error))
    return Worst(known, float(error[place]), float(x[place]))


def merge(a: Worst, b: Worst) -> Worst:
    """The largest error of both."""
    larger = b if b.max_ulp_error > a.max_ulp_error or not a.points else a
    return larger._replace(points=a.points + b.points)


class Claim(NamedTuple):
    """What was measured of one derivative: a row of stable_rules.csv."""

    function: str
    order: int
    dtype: str
    smallest: float  # the size of x from which on points were taken
    points: int
    exhaustive: bool  # every number of the range, else the worst that a search found
    max_ulp_error: float
    worst_x: float


def claims(name: str, smallest: float, count: int, root_seed: int) -> list[Claim]:
    """All that is measured of one rule, in float32 at every number of at least ``smallest``.

    Most numbers of float32 are tiny, so with 0 it takes far longer than with 2**-10.
    """
    rows = []
    for dtype in DTYPES:
        halves = dtype in ("float16", "bfloat16")
        if halves or dtype == "float32":
            least = 0.0 if halves else smallest
            chunks = every_number(name, dtype, least)
            found = exhaustive(name, dtype, chunks, pieces_of(name, dtype))
            rows += rows_of(name, dtype, least, True, found)
        if not halves:
            stream = points_generator(root_seed, name, dtype)
            rows += rows_of(name, dtype, 0.0, False, search(name, dtype, count, stream))
    return rows


def rows_of(
    name: str, dtype: str, smallest: float, every: bool, found: Sequence[Worst]
) -> list[Claim]:
    """The table rows of what was found, by order."""
    return [
        Claim(name, order, dtype, smallest, worst.points, every, worst.max_ulp_error, worst.worst_x)
        for order, worst in zip(orders_of(name), found, strict=True)
    ]
