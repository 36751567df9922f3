"""Where the variance of the excess risk comes from: data, initialization or their interaction."""

import numpy
from pandas import DataFrame

from autodiff_pipeline.tables.crossed_seeds import FEWEST_SEEDS, Array, risk_table
from autodiff_pipeline.tables.intervals import UPPER

COMPONENTS = ["data", "initialization", "interaction"]
DRAWS = 10_000


def variance(networks: DataFrame, root_seed: int) -> DataFrame:
    """Variance components of the excess risk of the networks of one hidden size and optimizer.

    A network that diverged has no finite excess risk, so the variance is that of the others;
    ``networks`` is their number, and ``diverged`` the number of those left out.

    Args: networks with columns data_seed, init_seed, status, excess_risk; root_seed, of the
    random numbers behind the intervals.
    Returns: one row per component: component, variance (units of y to the fourth), share (of the
    sum of the three variances), ci_low, ci_high (95 % interval of the share), networks, diverged.
    NaN where there are too few seeds: a variance needs 2 of either kind, an interval
    `FEWEST_SEEDS`.
    """
    table = risk_table(networks)
    table = numpy.where(numpy.isfinite(table), table, numpy.nan)
    trained = int(numpy.isfinite(table).sum())
    unbiased = variance_components(table)
    variances = unbiased.clip(min=0)
    total = variances.sum()
    low, high = share_intervals(table, unbiased, numpy.random.default_rng(root_seed))
    return DataFrame(
        {
            "component": COMPONENTS,
            "variance": variances,
            "share": variances / total if total > 0 else numpy.nan,
            "ci_low": low,
            "ci_high": high,
            "networks": trained,
            "diverged": len(networks) - trained,
        }
    )


def variance_components(table: Array) -> Array:
    """Unbiased variances of data, initialization and interaction, (3,); one may be negative.

    Half the mean squared difference of two networks is the variance of what they do not share:
    initialization and interaction if they have the same data seed, data and interaction if they
    have the same initial seed, all three if they share neither. In a table without gaps these are
    the components of the analysis of variance; with gaps they remain unbiased if networks are
    missing at random (Henderson, Biometrics 1953).

    Args: table (D, I), NaN where there is no network.
    Returns: (3,), NaN where no two networks share a data seed, an initial seed, or neither.
    """
    pairs, squares = zip(_pairs(table), _pairs(table.T), _pairs(table.reshape(1, -1)), strict=True)
    of_data, of_init, all_pairs = pairs
    if not (of_data and of_init and all_pairs > of_data + of_init):
        return numpy.full(3, numpy.nan)
    same_data, same_init = squares[0] / of_data, squares[1] / of_init
    neither = (squares[2] - squares[0] - squares[1]) / (all_pairs - of_data - of_init)
    return numpy.array([neither - same_data, neither - same_init, same_data + same_init - neither])


def _pairs(rows: Array) -> tuple[float, float]:
    """How many pairs of numbers lie in one row, and the sum of half their squared differences."""
    there = numpy.isfinite(rows)
    counts = there.sum(1)
    values = numpy.where(there, rows, 0)
    # Relative to each row's mean, as rounding would ruin the difference of two large sums.
    centred = numpy.where(there, rows - (values.sum(1) / counts.clip(min=1))[:, None], 0)
    return counts @ (counts - 1) / 2, counts @ numpy.square(centred).sum(1) / 2


def share_intervals(
    table: Array, components: Array, generator: numpy.random.Generator, draws: int = DRAWS
) -> tuple[Array, Array]:
    """95 % generalized confidence intervals of the three shares, (3,) each.

    A mean square divided by its expectation is distributed as a chi-square divided by its degrees
    of freedom. So random draws of chi-squares turn the observed mean squares into possible values
    of their expectations, and these into possible variances, of which negative ones count as 0
    (Weerahandi 1993; for such designs Hamada & Weerahandi, Journal of Quality Technology 2000).
    Mean squares vary more where effects have heavier tails than normal ones, so the fourth moment
    reduces their degrees of freedom.

    A table with gaps is treated as if each seed had the mean number of networks. Coverage with
    3 x 3 to 30 x 5 seeds: at least 94 % for normal effects, and at least 85 % for Student's t with
    3 degrees of freedom (tests/tables/test_coverage.py).
    """
    present = numpy.isfinite(table)
    data_seeds, init_seeds = int(present.any(1).sum()), int(present.any(0).sum())
    spare = present.sum() - data_seeds - init_seeds + 1
    if min(data_seeds, init_seeds) < FEWEST_SEEDS or spare < 1 or numpy.isnan(components).any():
        return numpy.full(3, numpy.nan), numpy.full(3, numpy.nan)
    per_data, per_init = present.sum() / data_seeds, present.sum() / init_seeds
    data, initialization, interaction = components
    by_data, by_init = _means(table), _means(table.T)
    rest = table - by_data[:, None] - by_init + numpy.nanmean(table)
    observed = numpy.array(
        [
            interaction + per_data * data,
            interaction + per_init * initialization,
            interaction,
        ]
    ).clip(min=0)
    degrees = numpy.array(
        [
            _degrees(by_data, data_seeds - 1),
            _degrees(by_init, init_seeds - 1),
            _degrees(rest.ravel(), spare),
        ]
    )
    drawn = observed * degrees / generator.chisquare(degrees, (draws, 3))
    variances = numpy.stack(
        [
            (drawn[:, 0] - drawn[:, 2]).clip(min=0) / per_data,
            (drawn[:, 1] - drawn[:, 2]).clip(min=0) / per_init,
            drawn[:, 2],
        ]
    )
    total = variances.sum(0)
    if not (total > 0).all():  # all networks are equal
        return numpy.full(3, numpy.nan), numpy.full(3, numpy.nan)
    low, high = numpy.quantile(variances / total, [1 - UPPER, UPPER], axis=1)
    return low, high


def _means(rows: Array) -> Array:
    """The mean of the numbers in each row, NaN where there is none."""
    there = numpy.isfinite(rows)
    counts = there.sum(1)
    sums = numpy.where(there, rows, 0).sum(1)
    return numpy.where(counts > 0, sums / counts.clip(min=1), numpy.nan)


def _degrees(effects: Array, normal: float) -> float:
    """Degrees of freedom of a mean square, fewer than the normal ones where tails are heavy.

    The variance of a mean square over its expectation is 2 / degrees, and about
    (2 + excess kurtosis) / degrees where effects are not normal.
    """
    values = effects[numpy.isfinite(effects)]
    n = len(values)
    second = numpy.square(values - values.mean()).mean()
    if n < 4 or not second > 0:
        return normal
    fourth = numpy.power(values - values.mean(), 4).mean()
    # unbiased for normal effects (Joanes & Gill, The Statistician 1998, G2)
    excess = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * fourth / second**2 - 3 * (n - 1))
    return float(normal / (1 + max(excess, 0) / 2))
