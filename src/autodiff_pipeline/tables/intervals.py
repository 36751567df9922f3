"""95 % intervals over crossed seeds, chosen by how often they cover the true value in simulations.

The coverage is that of tests/tables/test_coverage.py. The bootstrap of rows and columns (Owen,
Annals of Applied Statistics 2007) covered less evenly.
"""

from typing import NamedTuple

import numpy
from scipy.special import ndtri, stdtrit

from autodiff_pipeline.tables.crossed_seeds import FEWEST_SEEDS, Array, few_seeds, mean_of

CONFIDENCE = 0.95
UPPER = (1 + CONFIDENCE) / 2


class Interval(NamedTuple):
    """Lower and upper ends of intervals, of equal shapes; NaN where there is no interval."""

    low: Array
    high: Array


def interquartile_mean(values: Array) -> Array:
    """Mean of the middle half of values (..., n): a quarter is cut off at either end.

    The number of values in a quarter is rounded down, as in scipy.stats.trim_mean. Recommended for
    few seeds by Agarwal et al. (NeurIPS 2021). Infinite where the middle half contains an infinity,
    hence where more than a quarter of the networks diverged.
    """
    count = values.shape[-1]
    cut = count // 4
    middle: Array = numpy.sort(values, axis=-1)[..., cut : count - cut].mean(-1)
    return middle


def interquartile_interval(table: Array) -> Interval:
    """95 % interval of the interquartile mean over all data and initial seeds there could be.

    Up to terms of higher order, the trimmed mean is the mean of the influences of single values:
    the values clipped at the quartiles, divided by the fraction that is kept (Huber, Robust
    Statistics, 1981, section 3.3). `mean_of` gives the variance of their mean, and degrees of
    freedom for Student's t. Where all values are positive, as excess risks are, the interval is
    symmetric in the logarithm, and begins at 0 where one symmetric in the values would reach 0.

    Coverage with 3 x 3, 5 x 20, 10 x 10 and 30 x 5 seeds, seven mixtures of effects, and normal,
    lognormal or heavy-tailed risks: 93 to 97.5 %, and 95 to 99.5 % where neither seed has an effect
    (`pytest -m slow tests/tables/test_coverage.py -s` prints each). Coverage may be less where
    nearly all of the variance comes from one kind of seed, of which there are only a few, and where
    risks are sums of effects with long tails.

    Args: tables (..., D, I), infinite where a network diverged.
    Returns: ends (...); NaN where D or I is less than `FEWEST_SEEDS`, or more than a quarter of the
    networks diverged.
    """
    values = table.reshape(*table.shape[:-2], -1)
    centre = interquartile_mean(values)
    if few_seeds(table):
        return _none(centre)
    variance, degrees = mean_of(_influences(values).reshape(table.shape))
    return _students(values, variance, degrees)


def independent_interval(values: Array) -> Interval:
    """As `interquartile_interval`, for independent values (..., n), such as one per data seed.

    The degrees of freedom are those of Tukey & McLaughlin (Sankhya A 1963), one less than the
    number of values kept.
    """
    count = values.shape[-1]
    centre = interquartile_mean(values)
    if count < FEWEST_SEEDS:
        return _none(centre)
    variance = _influences(values).var(-1, ddof=1) / count
    degrees = numpy.full_like(centre, count - 2 * (count // 4) - 1)
    return _students(values, variance, degrees)


def probability_interval(table: Array) -> Interval:
    """95 % interval of a probability, from tables (..., D, I) of outcomes (1, 0, or 1/2 for a tie).

    Wilson's interval (JASA 1927) for the number of independent trials whose mean would have the
    variance that `mean_of` finds, with Student's t in place of the normal quantile (as in Korn &
    Graubard, Survey Methodology 1998). Where all outcomes agree they do not show how dependent
    they are, so the number of trials is then that of the rarer kind of seed.

    Coverage with normal effects: at least 89 % (tests/tables/test_coverage.py). It is lowest where
    most of the variance comes from one kind of seed, of which there are only a few.

    Args: tables (..., D, I).
    Returns: ends (...), in [0, 1]; NaN where D or I is less than `FEWEST_SEEDS`.
    """
    share = table.mean((-2, -1))
    if few_seeds(table):
        return _none(share)
    variance, degrees = mean_of(table)
    trials = numpy.full_like(share, min(table.shape[-2:]))
    normal = ndtri(UPPER)
    vary = variance > 0
    ratio = normal / stdtrit(degrees[vary], UPPER)
    effective = share[vary] * (1 - share[vary]) / variance[vary] * numpy.square(ratio)
    trials[vary] = numpy.clip(effective, 1, table.shape[-2] * table.shape[-1])
    shrinking = 1 + normal**2 / trials
    centre = (share + normal**2 / (2 * trials)) / shrinking
    spread = numpy.sqrt(share * (1 - share) / trials + numpy.square(normal / trials) / 4)
    half = normal * spread / shrinking
    # Without rounding, these ends would be 0 and 1.
    return Interval(
        numpy.where(share > 0, centre - half, 0), numpy.where(share < 1, centre + half, 1)
    )


def _influences(values: Array) -> Array:
    """Values (..., n) clipped at the ends of the middle half, over the fraction that is kept."""
    count = values.shape[-1]
    cut = count // 4
    ordered = numpy.sort(values, axis=-1)
    low, high = ordered[..., [cut]], ordered[..., [count - cut - 1]]
    known = numpy.isfinite(high)  # else there is no interval, and nothing infinite to compute with
    low, high, values = (numpy.where(known, value, 0) for value in (low, high, values))
    influences: Array = numpy.clip(values, low, high) / (1 - 2 * cut / count)
    return influences


def _students(values: Array, variance: Array, degrees: Array) -> Interval:
    centre = interquartile_mean(values)
    half = stdtrit(degrees, UPPER) * numpy.sqrt(variance)
    known = numpy.isfinite(centre)
    half = numpy.where(known, half, numpy.nan)
    logarithmic = (values > 0).all(-1) & known
    relative = numpy.divide(half, centre, out=numpy.zeros_like(centre), where=logarithmic)
    factor = numpy.exp(relative)
    above_zero = numpy.where(relative < 1, centre / factor, 0)
    return Interval(
        numpy.where(logarithmic, above_zero, centre - half),
        numpy.where(logarithmic, centre * factor, centre + half),
    )


def _none(like: Array) -> Interval:
    nothing = numpy.full_like(like, numpy.nan)
    return Interval(nothing, nothing)
