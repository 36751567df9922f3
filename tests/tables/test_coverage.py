"""How often 95 % intervals cover the truth, in simulations with known crossed effects.

The quick tests take some hundred tables each and allow for chance; those marked slow take 4,000
each; `pytest -m slow tests/tables/test_coverage.py -s` prints every figure.
"""

import itertools

import numpy
import pytest
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from autodiff_pipeline.tables.intervals import (
    independent_interval,
    interquartile_interval,
    interquartile_mean,
    probability_interval,
)
from autodiff_pipeline.tables.variance import share_intervals, variance_components

SHAPES = [(3, 3), (5, 20), (10, 10), (30, 5)]
# Standard deviations of the effects of data, of initialization and of their interaction.
SPREADS = {
    "alike": (1, 1, 1),
    "data": (1, 0.5, 0.5),
    "initialization": (0.5, 1, 0.5),
    "interaction": (0.5, 0.5, 1),
    "both": (1, 1, 0.3),
    "no initialization": (1, 0, 0.5),
    "no data": (0, 1, 0.5),
}
NONE = (0, 0, 1)
CENTRE = 6.0  # of normal and heavy-tailed risks: hardly any is negative


def effects(kind, shape, stream):
    if kind == "heavy-tailed":
        return stream.standard_t(3, shape) / 3**0.5
    return stream.normal(size=shape)


def tables(kind, spreads, shape, count, stream):
    """Excess risks (count, D, I), and the interquartile mean of all that there could be."""
    data_seeds, init_seeds = shape
    total = sum(
        spread * effects(kind, (count, *size), stream)
        for spread, size in zip(
            spreads, [(data_seeds, 1), (1, init_seeds), (data_seeds, init_seeds)], strict=True
        )
    )
    if kind == "lognormal":  # E[exp(z); |z| < q] / (1/2), q the upper quartile
        quartile = ndtri(0.75)
        truth = numpy.exp(0.5) * (ndtr(quartile - 1) - ndtr(-quartile - 1)) / 0.5
        return numpy.exp(total / numpy.linalg.norm(spreads)), truth
    return CENTRE + total, CENTRE


def covered(interval, truth):
    return int(((interval.low <= truth) & (truth <= interval.high)).sum())


def holds(hits, count, low, high, chance):
    """Whether a coverage between low and high gives such hits but for a chance."""
    return binom.cdf(hits, count, low) > chance and binom.sf(hits - 1, count, high) > chance


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["normal", "lognormal", "heavy-tailed"])
def test_intervals_of_the_interquartile_mean_cover(kind, shape):
    stream = numpy.random.default_rng(1)
    for spreads in SPREADS.values():
        risks, truth = tables(kind, spreads, shape, 400, stream)
        hits = covered(interquartile_interval(risks), truth)
        assert holds(hits, 400, 0.93, 0.975, 0.001), (spreads, hits)


@pytest.mark.parametrize("kind", ["normal", "lognormal", "heavy-tailed"])
def test_intervals_are_conservative_at_most_where_seeds_have_no_effect(kind):
    stream = numpy.random.default_rng(2)
    for shape in SHAPES:
        risks, truth = tables(kind, NONE, shape, 400, stream)
        hits = covered(interquartile_interval(risks), truth)
        assert holds(hits, 400, 0.95, 0.995, 0.001), (shape, hits)


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["normal", "lognormal", "heavy-tailed"])
def test_intervals_of_the_interquartile_mean_cover_in_thousands_of_simulations(kind, shape):
    stream = numpy.random.default_rng(3)
    for name, spreads in SPREADS.items():
        risks, truth = tables(kind, spreads, shape, 4000, stream)
        hits = covered(interquartile_interval(risks), truth)
        print(f"{kind}, {shape}, {name}: {hits / 40:.1f} %")
        assert holds(hits, 4000, 0.93, 0.975, 0.001)
    risks, truth = tables(kind, NONE, shape, 4000, stream)
    hits = covered(interquartile_interval(risks), truth)
    print(f"{kind}, {shape}, neither seed: {hits / 40:.1f} %")
    assert holds(hits, 4000, 0.95, 0.995, 0.001)


def test_the_interval_covers_where_a_fifth_of_the_networks_diverge():
    # The worst networks diverge: no quartile moves, so neither does the interquartile mean.
    stream = numpy.random.default_rng(4)
    risks, truth = tables("lognormal", SPREADS["data"], (10, 10), 400, stream)
    worst = numpy.exp(ndtri(0.85))
    diverging = numpy.where(risks > worst, numpy.inf, risks)
    low, high = interquartile_interval(diverging)
    gone = numpy.isinf(diverging).mean((1, 2))
    assert (numpy.isnan(low) == (gone > 0.25)).all()
    known = ~numpy.isnan(low)
    hits = ((low <= truth) & (truth <= high))[known].sum()
    assert holds(hits, known.sum(), 0.93, 0.975, 0.001)


def test_the_interval_covers_where_networks_end_in_one_of_two_minima():
    stream = numpy.random.default_rng(5)
    risks = numpy.where(stream.random((400, 10, 10)) < 0.5, 11.0, 70.0)
    assert holds(covered(interquartile_interval(risks), 40.5), 400, 0.93, 0.995, 0.001)


def test_independent_values_are_covered():
    stream = numpy.random.default_rng(6)
    for count, kind in itertools.product([5, 10, 30], ["normal", "lognormal", "heavy-tailed"]):
        risks, truth = tables(kind, (1, 0, 0), (count, 1), 400, stream)
        hits = covered(independent_interval(risks[..., 0]), truth)
        assert holds(hits, 400, 0.92, 0.98, 0.001), (count, kind, hits)


@pytest.mark.parametrize("probability", [0.5, 0.8, 0.95, 0.99])
def test_intervals_of_a_probability_cover(probability):
    # Whole wins in few trials: coverage cannot be even, so it is held from below.
    stream = numpy.random.default_rng(7)
    for shape, spreads in itertools.product(SHAPES, SPREADS.values()):
        scores, _ = tables("normal", spreads, shape, 400, stream)
        threshold = CENTRE + numpy.linalg.norm(spreads) * ndtri(1 - probability)
        hits = covered(probability_interval((scores > threshold).astype(float)), probability)
        assert holds(hits, 400, 0.89, 1.0, 0.001), (shape, spreads, hits)


@pytest.mark.parametrize(("kind", "least"), [("normal", 0.94), ("heavy-tailed", 0.85)])
def test_intervals_of_shares_of_variance_cover(kind, least):
    stream = numpy.random.default_rng(8)
    for shape in SHAPES:
        risks, _ = tables(kind, SPREADS["data"], shape, 150, stream)
        truth = numpy.square(SPREADS["data"]) / numpy.square(SPREADS["data"]).sum()
        hits = sum(
            (low <= truth) & (truth <= high)
            for low, high in (
                share_intervals(table, variance_components(table), stream, draws=1000)
                for table in risks
            )
        )
        for component in hits:
            assert holds(component, 150, least, 0.995, 0.001), (shape, hits)


def test_intervals_say_nothing_with_two_seeds():
    risks = numpy.random.default_rng(9).lognormal(size=(20, 2, 30))
    for interval in (interquartile_interval, probability_interval):
        for table in (risks, risks.mT, risks[:, :1], risks[:, :, :1]):
            assert numpy.isnan(interval(table)).all()


def test_intervals_are_around_what_they_are_of():
    risks = numpy.random.default_rng(10).lognormal(size=(50, 4, 5))
    low, high = interquartile_interval(risks)
    mean = interquartile_mean(risks.reshape(50, -1))
    assert ((low >= 0) & (low < mean) & (mean < high)).all()
    wins = (risks > 1).astype(float)
    low, high = probability_interval(wins)
    share = wins.mean((1, 2))
    assert ((low >= 0) & (low <= share) & (share <= high) & (high <= 1)).all()
