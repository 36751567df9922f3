"""Special numbers, and where points are added once errors are known."""

import math

import numpy
import pytest
import torch

from autodiff_pipeline.derivatives.accuracy import accuracy_table
from autodiff_pipeline.derivatives.search import between_worst, roots
from autodiff_pipeline.derivatives.special_numbers import NEIGHBOURS, landmarks, special_numbers
from autodiff_pipeline.derivatives.subject import expression_subject
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, even_points, from_ranks, ranks
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.truth.at_points import certified_derivatives


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_special_numbers_and_their_neighbours_are_tried(dtype):
    form = DTYPES[dtype]
    ends = (-1e300, 1e300)
    marks = landmarks(parse("softplus(x) + abs(x - 0.1)"), ends, [7.5])
    x = special_numbers(marks, ends, form)
    assert (x[1:] >= x[:-1]).all()
    bits = x.view(torch.int32 if dtype == "float32" else torch.int64)
    assert len(bits.unique()) == len(x)
    assert (bits == torch.tensor([-0.0], dtype=form).view(bits.dtype)).sum() == 1
    info = torch.finfo(form)
    places = [0.0, 1, -1, 0.1, 7.5, 20, info.smallest_normal, -info.smallest_normal]
    around = ranks(torch.tensor(places, dtype=form))[:, None]
    around = around + torch.arange(-NEIGHBOURS, NEIGHBOURS + 1)
    assert set(around.flatten().tolist()) <= set(ranks(x).tolist())
    if dtype == "float32":
        assert x.max() == info.max


def test_special_numbers_stay_inside():
    x = special_numbers(landmarks(parse("log(x)"), (0.5, 1), []), (0.5, 1), torch.float64)
    assert x.tolist() == [0.5 + k * 2.0**-53 for k in range(5)] + [
        1 - k * 2.0**-53 for k in range(4, -1, -1)
    ]


def test_the_next_points_lie_around_the_worst():
    rank = numpy.array([0, 100, 200, 300, 400])
    errors = numpy.array([[0.0, 2, 9, 1, numpy.inf], [numpy.nan, 2, 3, 1, 0]])
    new = between_worst(rank, errors)
    assert (numpy.diff(new) > 0).all()
    assert not set(new) & set(rank)
    assert (new.min(), new.max()) == (11, 288)  # around 200 and 100
    assert len(new) == 3 * 8
    assert between_worst(numpy.array([1, 2, 3]), errors[:, :3]).size == 0


def test_roots_of_a_derivative_are_found_to_the_last_bit():
    x = even_points(-7, 7, torch.float64, 20)
    (truth,) = certified_derivatives(parse("sin(x)"), x.tolist(), 1, FORMATS["float64"])
    found = from_ranks(roots(parse("sin(x)"), x, "float64", 1, truth).sort().values, torch.float64)
    expected = [(n + 0.5) * math.pi for n in (-2, -1, 0, 1)]
    numpy.testing.assert_allclose(doubles(found), expected, rtol=2.0**-52)


def test_a_search_finds_worse_points_than_a_grid():
    # Near its root at 1 the derivative of (x - 1)**2 as written loses all digits.
    subject = expression_subject("f", parse("x**2 - 2*x + sin(x)"))
    x = even_points(-3, 3, torch.float64, 50)
    plain, searched = (
        accuracy_table([subject], "float64", [x], [1], search_in=ends)
        .set_index("method")
        .loc["formula", "max_ulp_error"]
        for ends in (None, (-3, 3))
    )
    assert searched > 1e3 * plain
