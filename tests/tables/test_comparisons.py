import numpy
import pytest

from autodiff_pipeline.tables.comparisons import comparisons

STREAM = numpy.random.default_rng(0)
GROUPS = [(1, "adam"), (5, "adam"), (1, "momentum")]
RISKS = [STREAM.lognormal(size=(6, 5)) for _ in GROUPS]


def test_every_two_groups_are_compared_pair_of_seeds_by_pair():
    table = comparisons(GROUPS, RISKS)
    names = ["hidden_size", "optimizer", "other_hidden_size", "other_optimizer"]
    assert table[names].to_numpy().tolist() == [
        [1, "adam", 5, "adam"],
        [1, "adam", 1, "momentum"],
        [5, "adam", 1, "momentum"],
    ]
    pairs = zip(RISKS[0].ravel(), RISKS[2].ravel(), strict=True)
    assert table["probability"][1] == sum(one < other for one, other in pairs) / 30


def test_the_other_way_round_it_is_the_other_probability():
    one, other = comparisons(GROUPS, RISKS), comparisons(GROUPS[::-1], RISKS[::-1])
    numpy.testing.assert_allclose(one["probability"], 1 - other["probability"][::-1])
    numpy.testing.assert_allclose(one["ci_low"], 1 - other["ci_high"][::-1], atol=1e-15)


def test_who_diverged_loses_against_who_did_not_and_ties_with_who_did():
    calm, wild = numpy.ones((3, 3)), numpy.ones((3, 3))
    wild[0], calm[0, 0] = numpy.inf, numpy.inf
    [probability] = comparisons(GROUPS[:2], [calm, wild])["probability"]
    assert probability == pytest.approx((2 + 7 / 2) / 9)  # two wins, seven ties


def test_wins_throughout_are_not_certainty():
    # Ten of ten independent data sets: (0.722, 1) by Wilson's interval.
    [row] = comparisons(GROUPS[:2], [numpy.zeros((10, 20)), numpy.ones((10, 20))]).to_dict(
        "records"
    )
    assert (row["probability"], row["ci_high"]) == (1, 1)
    assert row["ci_low"] == pytest.approx(1 / (1 + 1.959963984540054**2 / 10), rel=1e-12)


def test_independent_wins_have_the_interval_of_as_many_trials():
    wins = numpy.random.default_rng(4).random((100, 100)) < 0.3
    [row] = comparisons(GROUPS[:2], [1.0 - wins, numpy.full((100, 100), 0.5)]).to_dict("records")
    half = 1.96 * (0.3 * 0.7 / 10_000) ** 0.5
    assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(half, rel=0.25)


def test_two_seeds_give_a_probability_and_no_interval():
    table = comparisons(GROUPS, [risk[:2] for risk in RISKS])
    assert table["probability"].notna().all()
    assert table[["ci_low", "ci_high"]].isna().all(axis=None)


def test_one_group_has_nothing_to_be_compared_with():
    table = comparisons(GROUPS[:1], RISKS[:1])
    assert table.empty
    assert list(table.columns)[-3:] == ["probability", "ci_low", "ci_high"]
