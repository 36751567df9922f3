import math

import numpy
import pytest
import torch

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.numbers.ulp import FORMATS, Truth, absolute_errors, is_lost, ulp_errors
from autodiff_pipeline.truth.at_points import certified_derivatives


def truth_of(rounded, remainder, exponent):
    return Truth(
        numpy.array([rounded]),
        numpy.array([remainder]),
        numpy.array([exponent]),
        numpy.array([True]),
    )


def error(value, known, dtype):
    return ulp_errors(numpy.array([value]), known, FORMATS[dtype])[0]


@pytest.mark.parametrize("dtype", FORMATS)
def test_formats_are_torchs(dtype):
    info = torch.finfo(DTYPES[dtype])
    form = FORMATS[dtype]
    assert form.largest == info.max
    assert 2.0**form.smallest_exponent == info.tiny
    assert 2.0 ** (1 - form.precision) == info.eps
    assert 2.0**form.smallest_ulp_exponent == info.smallest_normal * info.eps


@pytest.mark.parametrize("dtype", FORMATS)
def test_one_number_away_is_one_ulp_away(dtype):
    info = torch.finfo(DTYPES[dtype])
    one = truth_of(1.0, 0.0, FORMATS[dtype].precision * -1 + 1)
    assert error(1.0, one, dtype) == 0
    assert error(1.0 + info.eps, one, dtype) == 1
    assert error(0.0, one, dtype) == 1 / info.eps
    smallest = FORMATS[dtype].smallest_ulp_exponent
    tiny = truth_of(3 * 2.0**smallest, 0.25, smallest)
    assert error(5 * 2.0**smallest, tiny, dtype) == 1.75
    assert error(0.0, tiny, dtype) == 3.25


def test_far_below_an_ulp_is_measured_in_float64():
    (known,) = certified_derivatives(parse("exp(x)"), [1.0], 1, FORMATS["float64"])
    exact = 1.445646891729250158e-16 / 2.0**-51  # e - fl(e), from its decimal expansion
    assert error(math.e, known, "float64") == pytest.approx(exact, rel=1e-5)


def test_overflow_counts_as_the_next_number():
    form = FORMATS["float32"]
    beyond = truth_of(math.inf, 0.0, form.largest_ulp_exponent)
    assert error(math.inf, beyond, "float32") == 0
    assert error(form.largest, beyond, "float32") == 1
    assert error(-math.inf, beyond, "float32") == math.inf
    known = truth_of(form.largest, 0.0, form.largest_ulp_exponent)
    assert error(math.inf, known, "float32") == math.inf


def test_nan_is_infinitely_wrong_and_the_unknown_is_nan():
    assert error(math.nan, truth_of(1.0, 0.0, -52), "float64") == math.inf
    unknown = truth_of(math.nan, math.nan, 0)._replace(certified=numpy.array([False]))
    assert math.isnan(error(1.0, unknown, "float64"))


@pytest.mark.parametrize(
    ("value", "rounded", "lost"),
    [
        (0.0, 1e-30, True),
        (math.nan, 1.0, True),
        (math.inf, 1.0, True),
        (1e-31, 1e-30, False),
        (0.0, 0.0, False),
        (math.inf, math.inf, False),
        (math.nan, 0.0, True),
        (math.inf, 0.0, True),
        (math.nan, math.inf, False),
        (1e-30, 0.0, False),
    ],
)
def test_lost(value, rounded, lost):
    assert is_lost(numpy.array([value]), truth_of(rounded, 0.0, 0))[0] == lost


def test_at_a_true_zero_errors_are_absolute():
    # sin(pi*x) at -2: the second derivative is 0, torch's is 2.4e-15, once an infinite error.
    (_, zero) = certified_derivatives(parse("sin(pi*x)"), [-2.0], 2, FORMATS["float64"])
    assert zero.is_zero.all()
    for value, expected in ((0.0, 0.0), (2.4e-15, 2.4e-15), (math.nan, math.inf)):
        assert absolute_errors(numpy.array([value]), zero, FORMATS["float64"])[0] == expected
        assert math.isnan(error(value, zero, "float64"))


@pytest.mark.parametrize("dtype", FORMATS)
def test_a_truth_too_small_for_the_format_is_no_zero(dtype):
    tiny = certified_derivatives(parse("exp(-x)"), [800.0], 1, FORMATS[dtype])[0]
    assert tiny.rounded[0] == 0
    assert tiny.remainder[0] < 0
    assert not tiny.is_zero.any()
    smallest = 2.0 ** FORMATS[dtype].smallest_ulp_exponent
    assert error(3 * smallest, tiny, dtype) == 3


def test_no_scaling_overflows():
    form = FORMATS["float64"]
    known = truth_of(-form.largest, 0.0, form.largest_ulp_exponent)
    assert error(form.largest, known, "float64") == 2.0**54 - 2
    assert absolute_errors(numpy.array([form.largest]), known, form)[0] == form.largest
    tiny = truth_of(5e-324, 0.0, -1074)
    assert absolute_errors(numpy.array([1e-3]), tiny, form)[0] == 1e-3
    assert error(1e-3, tiny, "float64") == form.largest  # 2e320 ulp, and still no infinity
    assert error(math.inf, tiny, "float64") == math.inf
