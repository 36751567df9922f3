"""Truth by pieces against truth at points, and its bounds against balls of 2,500 bits."""

from functools import cache

import numpy
import pytest
import torch
from flint import arb, ctx

from autodiff_pipeline.expressions.balls import derivative_balls
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, from_ranks, rank_interval, ranks, sampled_points
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.truth import by_pieces, trials
from autodiff_pipeline.truth import pieces as pieces_module
from autodiff_pipeline.truth.at_points import certified_derivatives
from autodiff_pipeline.truth.by_pieces import truth_by_pieces
from autodiff_pipeline.truth.pieces import build_pieces

CASES = [  # expression, interval, orders
    ("tanh(x)", (-2.0, 5.0), 2),
    ("gelu(x)", (-14.0, 2.0), 2),
    ("gelu_tanh(x)", (-1e30, -10.0), 2),
    ("softplus(x)", (-2.0, 25.0), 1),
    ("x - sin(x)", (1e-12, 1.0), 1),
    ("exp(x)", (-110.0, -100.0), 1),
    ("exp(x)", (80.0, 95.0), 1),
    ("x**3 - 2*x", (-3.0, 3.0), 3),
    ("1/(x - 0.3)", (-2.0, 2.0), 2),
    ("sqrt(x)*log(x)", (0.5, 4.0), 2),
    ("relu(x) + abs(x - 0.1)", (-1.0, 1.0), 2),
]


@cache
def built(text, interval, order, dtype):
    return build_pieces(parse(text), *interval, order, FORMATS[dtype])


def points_of(pieces, start, stop, dtype, count):
    """Numbers over all magnitudes, and both ends of pieces with their neighbours."""
    generator = torch.Generator().manual_seed(5)
    ranked = sampled_points(start, stop, DTYPES[dtype], count, generator)
    uniform = torch.rand(count, generator=generator, dtype=torch.float64) * (stop - start) + start
    chosen = torch.randint(len(pieces.ends), (count // 3,), generator=generator)
    ends = torch.from_numpy(pieces.ends)[chosen].to(DTYPES[dtype])
    beside = from_ranks((ranks(ends)[:, None] + torch.arange(-1, 2)).flatten(), DTYPES[dtype])
    low, high = rank_interval(start, stop, DTYPES[dtype])
    x = torch.cat([ranked, uniform.to(DTYPES[dtype]), beside])
    return x[(ranks(x) >= low) & (ranks(x) <= high)].double().sort().values.numpy()


@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
@pytest.mark.parametrize(("text", "interval", "order"), CASES)
def test_every_digit_is_that_of_truth_at_points(text, interval, order, dtype):
    form = FORMATS[dtype]
    pieces = built(text, interval, order, dtype)
    x = points_of(pieces, *interval, dtype, 150)
    known = certified_derivatives(parse(text), x.tolist(), order, form)
    for found, expected in zip(truth_by_pieces(pieces, x), known, strict=True):
        where = expected.certified
        assert numpy.array_equal(found.certified, where)
        assert numpy.array_equal(found.rounded[where], expected.rounded[where])
        assert numpy.array_equal(found.ulp_exponent[where], expected.ulp_exponent[where])
        error = abs(found.remainder - expected.remainder)[where]
        assert error.max(initial=0) < 2**-19


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("text", "interval", "order"), CASES)
def test_every_bound_holds_at_random_and_at_the_ends_of_pieces(text, interval, order, dtype):
    pieces = built(text, interval, order, dtype)
    x = points_of(pieces, *interval, dtype, 60)
    truths = truth_by_pieces(pieces, x)
    with ctx.workprec(2500):
        for i, balls in enumerate(derivative_balls(parse(text), x.tolist(), order, 2500)):
            for truth, ball in zip(truths, balls[1:], strict=True):
                if truth.certified[i] and numpy.isfinite(truth.rounded[i]):
                    ulp = arb(2) ** int(truth.ulp_exponent[i])
                    value = arb(truth.rounded[i]) + arb(truth.remainder[i]) * ulp
                    assert abs(value - ball) < ulp * 2.0**-20


def test_ties_are_done_one_by_one(monkeypatch):
    asked = []

    def noted(expression, points, order, form):
        asked.extend(points)
        return certified_derivatives(expression, points, order, form)

    monkeypatch.setattr(by_pieces, "certified_derivatives", noted)
    # (x**2)' = 2x exactly; in bfloat16 (8 bits) 257 and 259 lie between two numbers.
    pieces = build_pieces(parse("x**2"), 100.0, 200.0, 1, FORMATS["bfloat16"])
    (truth,) = truth_by_pieces(pieces, numpy.array([128.0, 128.5, 129.5, 130.0]))
    assert truth.rounded.tolist() == [256, 256, 260, 260]
    assert asked == [128.0, 128.5, 129.5]  # at 128 the ulp changes


@pytest.mark.parametrize(
    ("text", "order", "place"),
    [
        ("x**3 - 2*x", 1, (2 / 3) ** 0.5),  # a root of the derivative
        ("tanh(x)", 3, 0.6584789484624084),
        ("abs(x - 0.1)", 1, 0.1),  # kinks
        ("relu(x)", 1, 0.0),
        ("1/(x - 0.3)", 1, 0.3),  # a pole
        ("sqrt(1 - x)", 1, 1.0),  # the end of the domain
        ("step(x - 0.7)", 1, 0.7),  # a jump
    ],
)
def test_roots_kinks_and_poles_lie_in_holes_of_few_numbers(text, order, place):
    for dtype in ("float32", "float64"):
        stop = place if text.startswith("sqrt") else place + 0.2
        pieces = build_pieces(parse(text), place - 0.25, stop, order, FORMATS[dtype])
        index = numpy.searchsorted(pieces.ends[1:-1], place, side="right")
        assert pieces.holes[index]
        numbers = ranks(torch.from_numpy(pieces.ends[index : index + 2]).to(DTYPES[dtype]))
        assert numbers[1] - numbers[0] <= 128  # half of them below a power of two


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_from_a_simple_root_at_0_one_piece_reaches_through_all_tiny_numbers(dtype):
    pieces = build_pieces(parse("0.3*tanh(x)"), -0.5, 0.5, 2, FORMATS[dtype])
    assert len(pieces.holes) < 100  # there are hundreds of powers of two below
    assert not pieces.holes.any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_just_below_the_power_of_two_where_ulps_are_smallest(dtype):
    pieces = build_pieces(parse("tanh(x)"), -0.5, 0.5, 2, FORMATS[dtype])
    smallest = 2.0 ** FORMATS[dtype].smallest_exponent  # tanh'' is just below 2 of these
    x = numpy.array([-smallest, 0.0, smallest / 2, smallest, 1.5 * smallest])
    known = certified_derivatives(parse("tanh(x)"), x.tolist(), 2, FORMATS[dtype])
    for found, expected in zip(truth_by_pieces(pieces, x), known, strict=True):
        assert found.rounded.tolist() == expected.rounded.tolist()
        assert found.ulp_exponent.tolist() == expected.ulp_exponent.tolist()


@pytest.mark.parametrize("text", ["log(x)", "lgamma(x)", "exp(-x)"])
def test_halving_unseen_what_is_hopeless_changes_no_piece(text, monkeypatch):
    at_once = build_pieces(parse(text), 1e-3, 30.0, 2, FORMATS["float32"])
    monkeypatch.setattr(trials, "hopeless_halvings", lambda *given: 0)
    tried = build_pieces(parse(text), 1e-3, 30.0, 2, FORMATS["float32"])
    assert numpy.array_equal(at_once.ends, tried.ends)
    assert numpy.array_equal(at_once.high, tried.high)


def test_the_piece_from_0_is_searched_for_in_few_trials_and_is_the_same(monkeypatch):
    tried = []

    def noted(expression, low, high, *given):
        tried.append((low, high))
        return trials.try_piece(expression, low, high, *given)

    def in_pieces():
        tried.clear()
        pieces = build_pieces(parse("atan(x)"), -1e30, 1e30, 2, FORMATS["float64"], numpy.zeros(99))
        return pieces.ends, len(tried)

    monkeypatch.setattr(pieces_module, "try_piece", noted)
    ends, few = in_pieces()
    monkeypatch.setattr(pieces_module, "_cuts_until", lambda *given: 1)
    same_ends, many = in_pieces()
    assert numpy.array_equal(ends, same_ends)
    assert few < 40 < 100 < many


def test_where_a_function_is_undefined_one_hole_is_enough():
    pieces = build_pieces(parse("log(x)"), -50.0, 1.0, 1, FORMATS["float32"])
    assert pieces.holes[pieces.ends[:-1] < 0].tolist() == [True]
    (truth,) = truth_by_pieces(pieces, numpy.array([-2.0, 0.5]))
    assert truth.certified.tolist() == [False, True]


def test_points_outside_or_in_disorder_are_refused():
    pieces = build_pieces(parse("exp(x)"), 0.0, 1.0, 1, FORMATS["float32"])
    with pytest.raises(ValueError, match="outside"):
        truth_by_pieces(pieces, numpy.array([0.5, 1.5]))
    with pytest.raises(ValueError, match="ascending"):
        truth_by_pieces(pieces, numpy.array([0.5, 0.25]))
    (truth,) = truth_by_pieces(pieces, numpy.array([]))
    assert truth.rounded.shape == (0,)
