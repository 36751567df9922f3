import numpy
import pytest
from pandas import DataFrame
from statsmodels.api import stats
from statsmodels.formula.api import mixedlm, ols

from autodiff_pipeline.tables.crossed_seeds import mean_squares
from autodiff_pipeline.tables.variance import variance, variance_components

SPREADS = numpy.array([1.5, 0.8, 0.6])


def risks(data_seeds, init_seeds, seed=0):
    stream = numpy.random.default_rng(seed)
    data, initialization, interaction = SPREADS
    return (
        9
        + data * stream.normal(size=(data_seeds, 1))
        + initialization * stream.normal(size=(1, init_seeds))
        + interaction * stream.normal(size=(data_seeds, init_seeds))
    )


def networks(table):
    """The rows of networks.csv for a table of risks; those that are not numbers diverged."""
    data_seeds, init_seeds = table.shape
    frame = DataFrame(
        {
            "data_seed": numpy.repeat(range(data_seeds), init_seeds),
            "init_seed": numpy.tile(range(init_seeds), data_seeds),
            "excess_risk": table.ravel(),
        }
    )
    frame["status"] = numpy.where(numpy.isfinite(frame["excess_risk"]), "trained", "diverged")
    return frame.fillna({"excess_risk": numpy.inf})


def of(table):
    return variance(networks(table), root_seed=0).set_index("component")


@pytest.mark.parametrize("shape", [(3, 3), (5, 20), (30, 5)])
def test_mean_squares_are_those_of_statsmodels(shape):
    table = risks(*shape)
    fit = ols("excess_risk ~ C(data_seed) + C(init_seed)", networks(table)).fit()
    anova = stats.anova_lm(fit)
    numpy.testing.assert_allclose(mean_squares(table), anova["mean_sq"], rtol=1e-10)


@pytest.mark.parametrize("shape", [(8, 12), (10, 10)])
def test_variances_are_those_of_the_mixed_model_of_statsmodels(shape):
    # Two crossed random effects: for statsmodels, variance components of one group of everything.
    table = risks(*shape)
    components = {"data": "0 + C(data_seed)", "initialization": "0 + C(init_seed)"}
    model = mixedlm(
        "excess_risk ~ 1", networks(table).assign(all=1), groups="all", vc_formula=components
    )
    fit = model.fit(reml=True, method="lbfgs")
    expected = [*fit.vcomp, fit.scale]  # of data, initialization and the rest
    assert model.exog_vc.names == list(components)
    ours = of(table)
    numpy.testing.assert_allclose(ours["variance"], expected, rtol=2e-3)
    numpy.testing.assert_allclose(ours["share"], expected / numpy.sum(expected), rtol=2e-3)


def test_variances_with_gaps_are_those_of_all_pairs_one_by_one():
    table = risks(4, 5)
    table[[0, 2, 3], [1, 4, 4]] = numpy.nan
    halves = {(True, False): [], (False, True): [], (False, False): []}
    cells = [(i, j) for i in range(4) for j in range(5) if numpy.isfinite(table[i, j])]
    for at, one in enumerate(cells):
        for other in cells[:at]:
            shared = (one[0] == other[0], one[1] == other[1])
            halves[shared].append((table[one] - table[other]) ** 2 / 2)
    of_data, of_init, of_neither = (numpy.mean(halves[key]) for key in halves)
    expected = [of_neither - of_data, of_neither - of_init, of_data + of_init - of_neither]
    numpy.testing.assert_allclose(variance_components(table), expected, rtol=1e-10)


def test_variances_with_gaps_are_right_on_average():
    stream = numpy.random.default_rng(3)
    found = []
    for seed in range(1500):
        table = risks(6, 6, seed)
        table[stream.random((6, 6)) < 0.2] = numpy.nan
        found.append(variance_components(table))
    error = numpy.std(found, axis=0) / len(found) ** 0.5
    assert (abs(numpy.mean(found, axis=0) - SPREADS**2) < 4 * error).all()


def test_shares_sum_to_one_and_lie_in_their_intervals():
    frame = of(risks(10, 10))
    assert frame["share"].sum() == pytest.approx(1)
    assert ((frame["ci_low"] <= frame["share"]) & (frame["share"] <= frame["ci_high"])).all()
    assert list(frame.index) == ["data", "initialization", "interaction"]


def test_networks_that_diverged_are_counted():
    table = risks(10, 10)
    table[3, 4] = table[7, 1] = numpy.nan
    frame = of(table)
    assert set(frame["networks"]) == {98}
    assert set(frame["diverged"]) == {2}
    assert frame["ci_high"].notna().all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
def test_one_seed_gives_no_variance(shape):
    frame = of(risks(*shape))
    assert frame[["variance", "share", "ci_low", "ci_high"]].isna().all(axis=None)


def test_two_seeds_give_a_variance_and_no_interval():
    frame = of(risks(2, 5))
    assert frame["variance"].notna().all()
    assert frame[["ci_low", "ci_high"]].isna().all(axis=None)


def test_no_trained_network_gives_nothing():
    frame = of(numpy.full((4, 4), numpy.nan))
    assert frame[["variance", "share", "ci_low", "ci_high"]].isna().all(axis=None)
    assert set(frame["diverged"]) == {16}


def test_equal_networks_have_no_variance_to_share():
    frame = of(numpy.full((4, 4), 2.0))
    assert (frame["variance"] == 0).all()
    assert frame[["share", "ci_low", "ci_high"]].isna().all(axis=None)
