import json
from itertools import pairwise

import numpy
import pytest
import torch

from autodiff_pipeline.derivatives.accuracy import accuracy_rows, accuracy_table, ways_of
from autodiff_pipeline.derivatives.error_summary import from_plain, merge, to_plain
from autodiff_pipeline.derivatives.float32_ranges import (
    float32_ranges,
    rank_of_float32,
)
from autodiff_pipeline.derivatives.subject import subjects_of
from autodiff_pipeline.derivatives.summaries import Measured, summarize_chunks
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import all_points, points_of_ranks, ranks


@pytest.mark.parametrize("x", [0.0, 1.0, -1.0, 1e-40, -3.7, 5.0])
def test_ranks_are_those_of_torch(x):
    assert rank_of_float32(x) == int(ranks(torch.tensor([x])))


def test_ranges_cover_every_float32_once():
    covered = float32_ranges((-5, 5), 2**25)
    assert covered[0][0] == rank_of_float32(-5)
    assert covered[-1][1] == rank_of_float32(5) + 1
    assert all(a[1] == b[0] for a, b in pairwise(covered))
    assert max(high - low for low, high in covered) == 2**25


def test_summaries_of_a_split_range_join_to_the_whole():
    interval = (9.01, 9.0115)
    subjects = subjects_of("tanh", parse("tanh(x)"), "tanh")
    whole = accuracy_table(subjects, "float32", all_points(*interval, torch.float32, 10_000), [1])
    ((low, high),) = float32_ranges(interval, 2**25)
    middle = (low + high) // 2
    summaries = {}
    for a, b in ((low, middle), (middle, high)):
        chunks = points_of_ranks(a, b, torch.float32, 300)
        part, reasons = summarize_chunks(subjects, "float32", chunks, ways_of([(1, None)]))
        for key, summary in part.items():
            stored = from_plain(json.loads(json.dumps(to_plain(summary))))
            summaries[key] = merge(summaries[key], stored) if key in summaries else stored
    measured = Measured(summaries, reasons)
    joined = accuracy_rows(subjects, "float32", ways_of([(1, None)]), measured)
    numpy.testing.assert_array_equal(joined.to_numpy(str), whole.to_numpy(str))
    row = joined.set_index(["function", "method"]).loc["torch.tanh", "reverse_mode"]
    assert row["first_lost_x"] == pytest.approx(9.01084, abs=1e-5)
    assert row["points"] == high - low


@pytest.mark.parametrize(
    ("interval", "numbers"),
    [
        ((-1e200, 1e200), 2 * (2**31 - 2**23) - 1),
        ((1e39, 1e40), 0),
        ((-1e300, -1e200), 0),
        ((1e-300, 2e-300), 0),
        ((-1e-46, 1e-46), 1),
    ],
)
def test_ranges_of_intervals_wider_and_narrower_than_float32(interval, numbers):
    assert sum(high - low for low, high in float32_ranges(interval, 2**25)) == numbers


def test_the_table_of_no_range_says_so():
    subjects, nothing = subjects_of("f", parse("x**2"), None), Measured({}, {})
    frame = accuracy_rows(subjects, "float32", [(1, "formula")], nothing)
    assert set(frame["note"]) == {"float32 has no number in the range"}
