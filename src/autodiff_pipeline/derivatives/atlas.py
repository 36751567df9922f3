"""The atlas of one function: every method's derivatives against certified truth, as frames."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.accuracy import ACCURACY_COLUMNS, accuracy_table
from autodiff_pipeline.derivatives.findings import FINDING_COLUMNS, examinee, findings
from autodiff_pipeline.derivatives.kinks import KINK_COLUMNS, kink_table
from autodiff_pipeline.derivatives.point_table import joined, point_table
from autodiff_pipeline.derivatives.step_sizes import OPTIMUM_COLUMNS, STEP_COLUMNS, step_size_tables
from autodiff_pipeline.derivatives.subject import subjects_of
from autodiff_pipeline.derivatives.systems.registry import subjects_in
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.special_points import special_points
from autodiff_pipeline.numbers.ranks import (
    DTYPES,
    all_points,
    even_points,
    from_ranks,
    rank_interval,
    ranks,
    sampled_points,
)
from autodiff_pipeline.numbers.ulp import FORMATS, Doubles, Truth
from autodiff_pipeline.truth.at_points import certified_derivatives

CHUNK = 8192  # points at a time: bounds the memory
CURVE_POINTS = 601  # of the linear grid over the range


class Atlas(NamedTuple):
    """What is known of one function's derivatives."""

    points: pd.DataFrame  # POINT_COLUMNS: the expression on the linear grid
    curves: pd.DataFrame  # POINT_COLUMNS: the same over the range, order 1; empty without one
    accuracy: pd.DataFrame  # ACCURACY_COLUMNS: expression and operator over the range
    findings: pd.DataFrame  # FINDING_COLUMNS: operator, or else expression, over the range
    kinks: pd.DataFrame  # KINK_COLUMNS
    step_sizes: pd.DataFrame  # STEP_COLUMNS
    optima: pd.DataFrame  # OPTIMUM_COLUMNS


def atlas(
    name: str,
    *,
    expression: Expression,
    interval: tuple[float, float],
    range: tuple[float, float] | None,
    operator: str | None,
    kinks: Sequence[float],
    systems: Sequence[str],
    dtypes: Sequence[str],
    sampled_dtypes: Sequence[str],
    orders: Sequence[int],
    points: int,
    samples: int,
    generators: Mapping[str, torch.Generator],
) -> Atlas:
    """All tables of one function.

    Args: name, expression, interval, range, operator and kinks, as configured for the function,
    the expression parsed; systems, whose accuracy is measured; dtypes, those of the point table;
    sampled_dtypes, those whose accuracy over the range is measured here; orders, of the
    derivatives; points, how many the linear grid over the interval has; samples, how many points
    are drawn from the range; generators, for each dtype the random stream that draws them.
    """
    subjects = subjects_of(name, expression, operator)
    subject = subjects[0]
    ends = range or interval
    measured = subjects_in(systems, name, expression, operator)
    accuracy, found = [], []
    for dtype in sampled_dtypes:
        grids = [(interval, points), (ends, CURVE_POINTS)]
        chunks = list(_chunks(ends, grids, dtype, samples, generators[dtype]))
        accuracy.append(accuracy_table(measured, dtype, chunks, orders))
        special = _special(subject.expression, ends, dtype)
        truth_at = partial(_truth_at, subject.expression, dtype, max(orders))
        x = torch.cat([special[:0], *chunks])
        for system in systems:
            of = examinee(name, expression, operator, system)
            found.append(findings(of, x, special, orders, truth_at))
    wide_dtypes = [dtype for dtype in dtypes if DTYPES[dtype].itemsize > 2]
    step_tables = [
        step_size_tables(name, subject.expression, interval, dtype)
        for dtype in wide_dtypes
        if not kinks
    ]
    even = {dtype: even_points(*interval, DTYPES[dtype], points) for dtype in dtypes}
    along = {dtype: even_points(*ends, DTYPES[dtype], CURVE_POINTS) for dtype in wide_dtypes}
    return Atlas(
        points=point_table(subject, even, orders),
        curves=point_table(subject, along if range else {}, [1]),
        accuracy=joined(accuracy, ACCURACY_COLUMNS),
        findings=joined(found, FINDING_COLUMNS),
        kinks=joined([kink_table(each, kinks, dtypes) for each in subjects], KINK_COLUMNS),
        step_sizes=joined([steps for steps, _ in step_tables], STEP_COLUMNS),
        optima=joined([optima for _, optima in step_tables], OPTIMUM_COLUMNS),
    )


def _special(expression: Expression, ends: tuple[float, float], dtype: str) -> Tensor:
    """The special points of an expression between the ends, and some neighbours, -0 beside 0."""
    places = torch.tensor([*ends, 0, 1, -1, *special_points(expression)], dtype=torch.float64)
    near = torch.unique(ranks(places.to(DTYPES[dtype]))[:, None] + torch.arange(-2, 3))
    low, high = rank_interval(*ends, DTYPES[dtype])
    near = near[(near >= low) & (near <= high)]
    zero = torch.full((int((near == 0).any()),), -0.0, dtype=DTYPES[dtype])
    return torch.cat([zero, from_ranks(near, DTYPES[dtype])])


def _truth_at(expression: Expression, dtype: str, order: int, x: Doubles) -> list[Truth]:
    return certified_derivatives(expression, x.tolist(), order, FORMATS[dtype])


def _chunks(
    ends: tuple[float, float],
    grids: Sequence[tuple[tuple[float, float], int]],
    dtype: str,
    samples: int,
    generator: torch.Generator,
) -> Iterable[Tensor]:
    """Every number between the ends for 16-bit dtypes, else random ranks and the linear grids.

    Most numbers are tiny, so random ranks find what goes wrong at small magnitudes; the grids find
    what goes wrong in the few binades of ordinary size.

    Args: grids, the interval of each and its number of points.
    """
    if DTYPES[dtype].itemsize == 2:
        return all_points(*ends, DTYPES[dtype], CHUNK)
    drawn = sampled_points(*ends, DTYPES[dtype], samples, generator)
    even = [even_points(*interval, DTYPES[dtype], count) for interval, count in grids]
    chunks = torch.split(torch.cat([drawn, *even]).sort().values, CHUNK)
    return [chunk for chunk in chunks if len(chunk)]
