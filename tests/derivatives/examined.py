"""Findings at a few hundred points of a range, and beside special ones."""

import torch
from pandas import DataFrame

from autodiff_pipeline.derivatives.computed import computed
from autodiff_pipeline.derivatives.findings import examinee, findings
from autodiff_pipeline.derivatives.modes import ways_to_judge
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.special_points import special_points
from autodiff_pipeline.numbers.ranks import DTYPES, even_points, from_ranks, ranks, sampled_points
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.truth.at_points import certified_derivatives


def found(text, operator, ends, dtype, orders=(1, 2), system="torch") -> DataFrame:
    """What is wrong with a function on a range."""
    expression, form = parse(text), DTYPES[dtype]
    generator = torch.Generator().manual_seed(1)
    drawn = sampled_points(*ends, form, 100, generator)
    special = torch.tensor([0, *special_points(expression)]).double().to(form)
    beside = from_ranks((ranks(special)[:, None] + torch.arange(-2, 3)).flatten(), form)
    beside = torch.cat([beside, torch.tensor([-0.0], dtype=form)])
    beside = beside[(beside >= ends[0]) & (beside <= ends[1])]

    def truth_at(x):
        return certified_derivatives(expression, x.tolist(), max(orders), FORMATS[dtype])

    of = examinee("f", expression, operator, system)
    points = torch.cat([drawn, even_points(*ends, form, 200)])
    known = computed(of.subject, ways_to_judge(system, orders), points)
    return findings(of, known, beside, orders, truth_at)
