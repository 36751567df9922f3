"""The atlas of one function: every method's derivatives against certified truth, as frames."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.accuracy import ACCURACY_COLUMNS, accuracy_table
from autodiff_pipeline.derivatives.computed import CHUNK, computed
from autodiff_pipeline.derivatives.findings import FINDING_COLUMNS, examinee, findings
from autodiff_pipeline.derivatives.kinks import KINK_COLUMNS, kink_table
from autodiff_pipeline.derivatives.modes import ways_to_judge
from autodiff_pipeline.derivatives.point_table import joined, point_table
from autodiff_pipeline.derivatives.special_numbers import beside, landmarks, special_numbers
from autodiff_pipeline.derivatives.step_sizes import OPTIMUM_COLUMNS, STEP_COLUMNS, step_size_tables
from autodiff_pipeline.derivatives.subject import subjects_of
from autodiff_pipeline.derivatives.systems.registry import subjects_in
from autodiff_pipeline.derivatives.truths import truths_for
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import (
    DTYPES,
    all_points,
    doubles,
    even_points,
    ranks,
    sampled_points,
)

_NEAREST = 2  # neighbours of a landmark that are tried in short tensors too
_SHARE_IN_64_BITS = 10  # one in so many samples is drawn in 64 bits
CURVE_POINTS = 601  # of the linear grid over the range


class Atlas(NamedTuple):
    """What is known of one function's derivatives."""

    points: pd.DataFrame  # POINT_COLUMNS: the expression on the linear grid
    curves: pd.DataFrame  # POINT_COLUMNS: the same over the range, order 1; empty if not shown
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
    special: Sequence[float] = (),
    step_sizes: bool = True,
    shown: bool = True,
) -> Atlas:
    """All tables of one function.

    Args: name, expression, interval, range, operator and kinks, as configured for the function,
    the expression parsed; systems, whose accuracy is measured; dtypes, those of the point table;
    sampled_dtypes, those whose accuracy over the range is measured here; orders, of the
    derivatives; points, how many the linear grid over the interval has; samples, how many points
    are drawn from the range: so many in 32 bits, a tenth in 64, where the truth costs more;
    generators, for each dtype the random stream that draws them; special, more points to be tried
    together with their neighbours; step_sizes and shown, whether those tables and the curves are
    wanted.
    """
    subjects = subjects_of(name, expression, operator)
    subject = subjects[0]
    ends = range or interval
    grids = [(interval, points), (ends, CURVE_POINTS)]
    marks = landmarks(subject.expression, ends, special)
    chosen = {
        dtype: _points(ends, grids, marks, dtype, samples, generators[dtype])
        for dtype in sampled_dtypes
    }
    truth_at = truths_for(
        subject.expression, {dtype: doubles(x) for dtype, x in chosen.items()}, max(orders)
    )
    forms = {system: subjects_in([system], name, expression, operator) for system in systems}
    examinees = {system: examinee(name, expression, operator, system) for system in systems}
    accuracy, found = [], []
    for dtype, x in chosen.items():
        chunks = [chunk for chunk in torch.split(x, CHUNK) if len(chunk)]
        search_in = ends if DTYPES[dtype].itemsize == 8 else None
        places = ranks(torch.tensor(marks, dtype=torch.float64).to(DTYPES[dtype]))
        near = beside(places, ends, DTYPES[dtype], _NEAREST)
        for system, of in examinees.items():  # one by one: none searches where another is wrong
            at, known = truth_at[dtype], computed(of.subject, ways_to_judge(system, orders), x)
            table = accuracy_table(forms[system], dtype, chunks, orders, at, search_in, known)
            accuracy.append(table)
            found.append(findings(of, known, near, orders, at))
    wide_dtypes = [dtype for dtype in dtypes if DTYPES[dtype].itemsize > 2]
    step_tables = [
        step_size_tables(name, subject.expression, interval, dtype)
        for dtype in wide_dtypes
        if step_sizes and not kinks
    ]
    even = {dtype: even_points(*interval, DTYPES[dtype], points) for dtype in dtypes}
    along = {dtype: even_points(*ends, DTYPES[dtype], CURVE_POINTS) for dtype in wide_dtypes}
    return Atlas(
        points=point_table(subject, even, orders),
        curves=point_table(subject, along if shown else {}, [1]),
        accuracy=joined(accuracy, ACCURACY_COLUMNS),
        findings=joined(found, FINDING_COLUMNS),
        kinks=joined([kink_table(each, kinks, dtypes) for each in subjects], KINK_COLUMNS),
        step_sizes=joined([steps for steps, _ in step_tables], STEP_COLUMNS),
        optima=joined([optima for _, optima in step_tables], OPTIMUM_COLUMNS),
    )


def _points(
    ends: tuple[float, float],
    grids: Sequence[tuple[tuple[float, float], int]],
    marks: Sequence[float],
    dtype: str,
    samples: int,
    generator: torch.Generator,
) -> Tensor:
    """Every number between the ends for 16-bit dtypes, else random ranks, grids and special ones.

    Most numbers are tiny, so random ranks find what goes wrong at small magnitudes; the grids find
    what goes wrong in the few binades of ordinary size.

    Args: grids, the interval of each and its number of points.
    """
    form = DTYPES[dtype]
    if form.itemsize == 2:
        whole = torch.cat([torch.empty(0, dtype=form), *all_points(*ends, form, 2**16)])
        return torch.cat([-whole[whole == 0], whole]).sort(stable=True).values  # -0 too
    drawn = samples if form.itemsize == 4 else max(1, samples // _SHARE_IN_64_BITS)
    chosen = [
        sampled_points(*ends, form, drawn, generator),
        special_numbers(marks, ends, form),
        *(even_points(*interval, form, count) for interval, count in grids),
    ]
    return torch.cat(chosen).sort(stable=True).values
