from functools import reduce
from itertools import pairwise

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autodiff_pipeline.derivatives.error_summary import merge, quantile, summarize
from autodiff_pipeline.numbers.ulp import FORMATS, Truth, ulp_errors


def summarized(x, values, rounded):
    x, values, rounded = (numpy.array(each, dtype=float) for each in (x, values, rounded))
    known = ~numpy.isnan(rounded)
    truth = Truth(rounded, numpy.zeros_like(x), numpy.full(len(x), -23), known)
    errors = ulp_errors(values, truth, FORMATS["float32"])
    return summarize(x, values, truth, FORMATS["float32"], errors)


def test_counts_places_and_maxima():
    ulp = 2.0**-23
    summary = summarized(
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
    zeros=st.sets(st.integers(0, 59)),
    cuts=st.lists(st.integers(1, 59), max_size=4),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_merging_parts_gives_the_whole(values, zeros, cuts):
    x = numpy.arange(1.0, len(values) + 1)
    truth = numpy.array([float(i not in zeros) for i in range(len(values))])
    whole = summarized(x, values, truth)
    edges = sorted({0, len(values), *(cut for cut in cuts if cut < len(values))})
    parts = [summarized(x[a:b], values[a:b], truth[a:b]) for a, b in pairwise(edges)]
    joined = reduce(merge, parts)
    for name in set(whole._fields) - {"kept_before_lost"}:  # a neighbour may be in another part
        numpy.testing.assert_array_equal(getattr(joined, name), getattr(whole, name))
    for probability in (0.5, 0.99):
        exact = numpy.sort(numpy.abs(numpy.array(values) - 1)[truth > 0] * 2.0**23)
        if not len(exact):
            assert numpy.isnan(quantile(joined, probability))
            continue
        expected = exact[max(1, int(numpy.ceil(probability * len(exact)))) - 1]
        assert quantile(joined, probability) == pytest.approx(expected, rel=0.003)


def test_no_point_no_statistics():
    summary = summarized([1.0], [1.0], [numpy.nan])
    assert summary.points == 0
    assert numpy.isnan([quantile(summary, 0.5), summary.max_ulp_error, summary.worst_x]).all()


def test_true_zeros_are_counted_apart():
    summary = summarized([-2, -1, 1, 2, 3], [1e-3, 0, 1, numpy.nan, 1], [0, 0, 1, 0, numpy.nan])
    assert (summary.points, summary.true_zeros, summary.uncertified) == (4, 3, 1)
    assert summary.max_absolute_error_at_zero == numpy.inf
    assert (summary.max_ulp_error, summary.worst_x, quantile(summary, 0.99)) == (0, 1, 0)
    assert (summary.lost_points, summary.first_lost_x, summary.first_uncertified_x) == (1, 2, 3)
    assert merge(summary, summarized([5], [1e-3], [0]))[:4] == (5, 1, 3, 4)


def test_only_true_zeros_have_no_ulp():
    summary = summarized([1, 2], [0, 1e-3], [0, 0])
    assert (summary.max_absolute_error, summary.max_absolute_error_at_zero) == (1e-3, 1e-3)
    assert numpy.isnan([summary.max_ulp_error, summary.worst_x, quantile(summary, 0.5)]).all()
    joined = merge(summary, summarized([3], [1], [1]))
    assert (joined.max_ulp_error, joined.worst_x) == (0, 3)
    assert merge(summarized([3], [1], [1]), summary).max_ulp_error == 0


def test_the_quantile_of_errors_beyond_all_doubles():
    form = FORMATS["float64"]
    truth = Truth(*(numpy.array([value]) for value in (5e-324, 0.0, -1074, True)))
    one = numpy.array([1.0])
    summary = summarize(one, one, truth, form, ulp_errors(one, truth, form))
    assert quantile(summary, 0.5) == summary.max_ulp_error == form.largest
    assert summary.max_absolute_error == 1
