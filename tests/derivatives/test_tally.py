from functools import reduce
from itertools import pairwise

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff_pipeline.derivatives.tally import merge, quantile, tally
from autodiff_pipeline.numbers.ulp import FORMATS, Truth


def tallied(x, values, rounded):
    x, values, rounded = (numpy.array(each, dtype=float) for each in (x, values, rounded))
    known = ~numpy.isnan(rounded)
    truth = Truth(rounded, numpy.zeros_like(x), numpy.full(len(x), -23), known)
    return tally(x, values, truth, FORMATS["float32"])


def test_counts_places_and_maxima():
    ulp = 2.0**-23
    summary = tallied(
        [-3, -2, -1, 1, 2, 3], [0, 1, 1 + 5 * ulp, 1, 9, 0], [1, 1, 1, 1, numpy.nan, 1]
    )
    assert (summary.points, summary.uncertified) == (5, 1)
    assert (summary.max_ulp_error, summary.worst_x) == (2.0**23, -3)
    assert summary.max_absolute_error == 1
    assert (summary.lost_points, abs(summary.first_lost_x)) == (2, 3)
    assert summary.kept_before_lost == -2
    assert quantile(summary, 0.4) == 0
    assert quantile(summary, 0.5) == pytest.approx(5, rel=0.003)


@given(
    values=st.lists(st.floats(0, 4), min_size=2, max_size=60),
    cuts=st.lists(st.integers(1, 59), max_size=4),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_merging_parts_gives_the_whole(values, cuts):
    x = numpy.arange(1.0, len(values) + 1)
    whole = tallied(x, values, numpy.ones_like(x))
    edges = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    parts = [tallied(x[a:b], values[a:b], numpy.ones(b - a)) for a, b in pairwise(edges)]
    joined = reduce(merge, parts)
    for name in set(whole._fields) - {"kept_before_lost"}:  # a neighbour may be in another part
        numpy.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))
    for probability in (0.5, 0.99):
        exact = numpy.sort(numpy.abs(numpy.array(values) - 1) * 2.0**23)
        expected = exact[max(1, int(numpy.ceil(probability * len(values)))) - 1]
        assert quantile(joined, probability) == pytest.approx(expected, rel=0.003)


def test_no_point_no_statistics():
    summary = tallied([1.0], [1.0], [numpy.nan])
    assert summary.points == 0
    assert numpy.isnan([quantile(summary, 0.5), summary.max_ulp_error, summary.worst_x]).all()
