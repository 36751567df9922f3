"""Everyone who is timed for true derivatives returns the same ones."""

from itertools import count

import numpy
import pytest

from autodiff_pipeline.benchmark.clocks import timed_in_turn
from autodiff_pipeline.benchmark.truth_contestants import (
    CONTESTANTS,
    FUNCTIONS,
    Problem,
    check_truths,
)
from autodiff_pipeline.benchmark.truth_timing import truth_rows
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, even_points


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_truth_by_pieces_mpmath_and_sympy_round_to_the_same_numbers(function, dtype):
    interval = (0.5, 0.625)
    points = doubles(even_points(*interval, DTYPES[dtype], 20))
    problem = Problem(FUNCTIONS[function], interval, 2, dtype, points)
    truths = {name: prepare(problem)() for name, prepare in CONTESTANTS.items()}
    assert len(truths) == 5
    assert all(each.shape == (2, 20) and numpy.isfinite(each).all() for each in truths.values())
    check_truths({name: (points, each) for name, each in truths.items()})


def test_truths_that_differ_are_refused():
    points = numpy.array([1.0, 2.0, 3.0])
    truths = numpy.array([points, -points])
    some, others = points[::2], truths[:, ::2]
    check_truths({"a": (points, truths), "b": (some, others)})
    for wrong in (numpy.nextafter(others, 9), others * numpy.nan):
        with pytest.raises(ArithmeticError, match="truths of b and a differ at 2 of 2 points"):
            check_truths({"a": (points, truths), "b": (some, wrong)})


def test_contestants_take_turns_and_the_median_counts():
    ticks = iter([0, 1, 1, 11, 20, 25, 25, 35, 40, 43, 43, 53])  # begin and end of each call
    turns = []
    calls = {name: lambda name=name: turns.append(name) for name in "ab"}
    found = timed_in_turn(lambda: next(ticks), calls, repeats=3)
    assert turns == list("ababab")
    assert {name: each.seconds for name, each in found.items()} == {"a": 3, "b": 10}


def test_a_row_says_what_a_point_and_order_takes():
    settings = {"intervals": {"tanh": (1, 1.125)}, "orders": [2], "dtypes": ["float32"]}
    (rows,) = truth_rows({**settings, "points": 40, "repeats": 3}, 1, count().__next__)
    assert [row["contestant"] for row in rows] == list(CONTESTANTS)
    for row in rows:  # every call takes a second of this clock
        assert row["points"] == 40
        assert row["microseconds"] == pytest.approx(1e6 / 40 / 2)
        assert row["preparation_seconds"] == 1
