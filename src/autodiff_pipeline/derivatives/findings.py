"""Findings: where a derivative is wrong, one row a region of numbers.

Derivatives are those of automatic differentiation, in every mode, of a system's operator, or of the
expression where a function has none. Finite differences have the errors that theory predicts.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.computed import Computed, same_bits, with_more
from autodiff_pipeline.derivatives.edges import beside_edges, edges
from autodiff_pipeline.derivatives.examination import (
    Compute,
    Examined,
    Places,
    computed_at,
    examine,
    judged_at,
)
from autodiff_pipeline.derivatives.examined_regions import Found, found_regions
from autodiff_pipeline.derivatives.judgement import Judged
from autodiff_pipeline.derivatives.kinds import BESIDE_ROOT, KINDS, RIGHT
from autodiff_pipeline.derivatives.methods.registry import derivative_in_parts
from autodiff_pipeline.derivatives.modes import modes_to_judge
from autodiff_pipeline.derivatives.operators import called_operator, operator_expression
from autodiff_pipeline.derivatives.reproducers import LONG, reproducer
from autodiff_pipeline.derivatives.subject import Subject, Unavailable, expression_subject
from autodiff_pipeline.derivatives.systems.registry import derivative, subjects_in
from autodiff_pipeline.derivatives.truths import TruthAt
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.source import JAX, TORCH, operator_source, source
from autodiff_pipeline.numbers.ranks import ranks
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS

FINDING_COLUMNS = (
    "function operator system order dtype method lengths kind beside_root from_x to_x worst_x "
    "returned truth ulp_error share repaired_by reproducer"
).split()

_SHORT = 7  # elements: they fill no vector register
_MOST_SHORT = 9 * _SHORT  # numbers that are tried in short tensors, which takes time
_REGION = ("kind", "beside_root", "lengths", "from_x", "to_x")

Row = dict[str, object]


class Examinee(NamedTuple):
    """A function whose derivatives in one system are judged."""

    name: str
    operator: str | None
    subject: Subject  # what is differentiated, the system's operator or the expression ...
    source: str  # ... as it is written in that system
    repair: Subject | None  # the same function with a stable rule


def examinee(name: str, expression: Expression, operator: str | None, system: str) -> Examinee:
    """A function as the operator that is named, or that it is itself; else as its expression."""
    dialect = JAX if system == "jax" else TORCH
    text = source(expression, dialect)
    own = operator or called_operator(expression)
    if own:
        text = operator_source(operator_expression(own), dialect)
    subject = subjects_in([system], name, expression, operator)[-1]
    repair = expression_subject(name, expression, operator)
    return Examinee(name, own, subject, text, repair if repair.stable else None)


def findings(
    of: Examinee, known: Computed, special: Tensor, orders: Sequence[int], truth_at: TruthAt
) -> pd.DataFrame:
    """What is wrong with the derivatives of one function in one dtype: FINDING_COLUMNS.

    Args: known, numbers of the dtype that are examined, in any order, with the derivatives there in
    the ways of `modes`; special, further ones, some of which torch is given in short tensors too;
    orders, of the derivatives; truth_at, which certifies derivatives of all orders up to the
    largest, at any numbers between the smallest and the largest point.

    ``from_x`` and ``to_x`` are borders among all numbers of the dtype: there the derivative is
    wrong in the given way, and at the number beyond it is not, unless no examined number lies
    there. ``share`` is the part of the examined numbers between them of which that is true.
    ``lengths`` are those of tensors that show it at ``worst_x``: 1, 64 or both. ``repaired_by`` is
    the stable rule that is right wherever an examined number is wrong. Modes share a row where they
    agree on the region. What lies beside a root of the derivative, where it is smaller than
    any rounding error, is gathered: see `judgement` and `regions`.

    JAX takes subnormal numbers for 0 on CPUs, by design (jax-ml/jax issue 16200): where the number
    or the truth is subnormal, it has no findings.
    """
    known = with_more(known, special)
    if not len(known.x):
        return pd.DataFrame(columns=FINDING_COLUMNS)
    modes = modes_to_judge(known)
    if known.x.element_size() > 2:  # of half precision every number is there
        at_edges: list[int] = []
        for mode, order in product(modes, orders):
            at_edges += _edges(of, mode, order, known, at_edges)
        known = with_more(known, beside_edges(at_edges, known.x))
    x = known.x
    alone = np.flatnonzero(torch.isin(ranks(x), ranks(special)).numpy())
    alone = alone[np.linspace(0, len(alone) - 1, min(len(alone), _MOST_SHORT)).astype(int)]
    subnormal = of.subject.system != "jax"
    rows: list[Row] = []
    for examined in examine(of.subject.expression, x, orders, truth_at, subnormal=subnormal):
        of_order: list[Row] = []
        for mode, seen in _judged(examined, modes, known):
            of_order += _rows(of, mode, examined, seen, alone, of_order)
        rows += _joined(of_order)
    return pd.DataFrame(rows, columns=FINDING_COLUMNS)


def _judged(
    examined: Examined, modes: Iterable[str], known: Computed
) -> Iterator[tuple[str, Judged]]:
    """The modes that are available, judged at all examined numbers: once where they agree."""
    found: list[Judged] = []
    for mode in modes:
        values = known.values.get((examined.order, mode))
        if values is not None:
            alike = (each for each in found if same_bits(each.values, values))
            seen = next(alike, None) or judged_at(values, examined, np.arange(len(values)))
            found.append(seen)
            yield mode, seen


def _edges(
    of: Examinee, mode: str, order: int, known: Computed, likely: Sequence[int]
) -> list[int]:
    values = known.values.get((order, mode))
    if values is None:
        return []
    return edges(partial(derivative, mode, of.subject, order), known.x, values, likely)


def _joined(rows: Sequence[Row]) -> list[Row]:
    joined: dict[tuple[object, ...], Row] = {}
    for row in rows:
        first = joined.setdefault(tuple(row[name] for name in _REGION), row)
        if first is not row:
            first["method"] = f"{first['method']} and {row['method']}"
    return list(joined.values())


def _rows(
    of: Examinee,
    mode: str,
    examined: Examined,
    seen: Judged,
    alone: Places,
    others: Sequence[Row],
) -> list[Row]:
    """What is wrong in one order and mode; the numbers ``alone`` are tried in short tensors too.

    Args: seen, the derivative at the examined numbers; others, what is wrong in other modes:
    borders often are the same.
    """
    in_long = partial(derivative, mode, of.subject, examined.order)
    in_short = partial(derivative_in_parts, mode, of.subject, examined.order, length=_SHORT)
    in_one = partial(derivative_in_parts, mode, of.subject, examined.order, length=1)

    def shows_alone(region: Found) -> bool:
        return _fails(in_one, examined, region) and not _fails(in_long, examined, region)

    likely = [float(str(row[end])) for row in others for end in ("from_x", "to_x")]
    try:
        long = found_regions(seen, in_long, examined, np.arange(len(examined.x)), likely)
        if of.subject.system != "torch":
            return [_row(of, mode, examined, each, str(LONG)) for each in long]
        short = judged_at(computed_at(in_short, examined, alone), examined, alone)
        only_short = found_regions(short, in_short, examined, alone, likely, shows_alone)
    except Unavailable:
        return []
    lengths = [f"1 and {LONG}" if _fails(in_one, examined, each) else str(LONG) for each in long]
    return [
        _row(of, mode, examined, each, length)
        for each, length in zip(
            [*long, *only_short], [*lengths, *"1" * len(only_short)], strict=True
        )
    ]


def _fails(compute: Compute, examined: Examined, region: Found) -> bool:
    """Whether a computation is wrong in the same way at the worst number of a region."""
    worst = np.array([region.worst])
    judged = judged_at(computed_at(compute, examined, worst), examined, worst)
    return bool(judged.kinds[0] == region.kind)


def _row(of: Examinee, mode: str, examined: Examined, region: Found, lengths: str) -> Row:
    x, length = float(examined.x[region.worst]), 1 if lengths == "1" else LONG
    dtype = str(examined.x.dtype).removeprefix("torch.")
    return {
        "function": of.name,
        "operator": of.operator or "",
        "system": of.subject.system,
        "order": examined.order,
        "dtype": dtype,
        "method": mode,
        "lengths": lengths,
        "kind": KINDS[region.kind % BESIDE_ROOT],
        "beside_root": region.kind >= BESIDE_ROOT,
        "from_x": region.ends[0],
        "to_x": region.ends[1],
        "worst_x": x,
        "returned": region.returned,
        "truth": region.truth,
        "ulp_error": region.error,
        "share": region.share,
        "repaired_by": _repaired_by(of, examined, region),
        "reproducer": reproducer(
            of.subject.system, of.source, mode, examined.order, dtype, x, length, region.truth
        ),
    }


def _repaired_by(of: Examinee, examined: Examined, region: Found) -> str:
    """The name of the stable rule that is right at all examined numbers of a region, or nothing."""
    if of.repair is None:
        return ""
    stable = partial(derivative, "stable", of.repair, examined.order)
    try:
        values = computed_at(stable, examined, region.places)
    except Unavailable:
        return ""
    kinds = judged_at(values, examined, region.places).kinds
    name = next(name for name, rule in STABLE_ACTIVATIONS.items() if rule is of.repair.stable)
    return name if (kinds == RIGHT).all() else ""
