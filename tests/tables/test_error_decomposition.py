import numpy
import pytest
import torch
from pandas import DataFrame, concat
from scipy import optimize
from tables import piecewise_linear

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.networks.network import Parameters, apply
from autodiff_pipeline.networks.risk import excess_risk
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.tables.baselines import baselines
from autodiff_pipeline.tables.best_networks import MORE_FOR_TRUTH, best_of_each, noise_free, starts
from autodiff_pipeline.tables.error_decomposition import error_decomposition
from autodiff_pipeline.tables.intervals import interquartile_mean
from autodiff_pipeline.tables.least_squares import least_squares

TRUTH = {"true_model": "2 + 0.5*x - 0.05*x**2", "input_scale": 10.0}
CURVATURE = (0.05 * 10**2) ** 2  # the risk for z^2 becomes that for this truth by this factor


def risk_of(network):
    one = Parameters(*(value[None] for value in network))
    return excess_risk(one, torch.relu, **TRUTH).item()


def data_set(seed, samples=1000):
    return draw(generator(1, "data", seed), samples=samples, noise_scale=2.0, **TRUTH)


def best(x, y, hidden_size, times=1):
    stream = generator(0, "starts", hidden_size)
    count = times * starts(hidden_size)
    networks, losses = best_of_each(x[None], y[None], hidden_size, count, [stream])
    return Parameters(*(value[0] for value in networks)), losses[0]


@pytest.fixture(scope="module")
def approximations():
    sample = noise_free(**TRUTH)
    return {
        hidden_size: risk_of(best(*sample, hidden_size, MORE_FOR_TRUTH)[0])
        for hidden_size in (1, 2, 3, 5, 10, 20)
    }


@pytest.mark.parametrize("kinks", [0, 1, 2, 5, 10, 20])
def test_the_bound_is_a_minimum(kinks):
    """Of the independent computation: its gradient, and its value by quadrature."""
    at = numpy.sort(numpy.random.default_rng(kinks).normal(size=kinks))
    value, gradient = piecewise_linear.risk(at)
    for index in range(kinks):
        ends = [
            piecewise_linear.risk(at + side * 1e-6 * (numpy.arange(kinks) == index))[0]
            for side in (1, -1)
        ]
        assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(gradient[index], abs=1e-7)
    z = numpy.linspace(-9, 9, 200_001)
    basis = numpy.stack([numpy.ones_like(z), z, *(numpy.maximum(z - kink, 0) for kink in at)])
    weights = numpy.exp(-(z**2) / 4)
    fit = numpy.linalg.lstsq((weights * basis).T, weights * z**2, rcond=None)[0]
    squares = numpy.square(weights * (fit @ basis - z**2))
    assert value == pytest.approx(squares.sum() / numpy.square(weights).sum(), rel=1e-6)


def test_the_best_network_is_bounded_by_the_best_piecewise_linear_function(approximations):
    # H units are H kinks with one slope less to choose; H - 1 kinks can all be made with H units.
    for hidden_size, risk in approximations.items():
        below = CURVATURE * piecewise_linear.least_risk(hidden_size)
        above = CURVATURE * piecewise_linear.least_risk(hidden_size - 1)
        assert below * (1 - 1e-5) <= risk <= 1.1 * above, hidden_size
    assert approximations[5] < 1.01 * CURVATURE * piecewise_linear.least_risk(5)


def test_more_units_approximate_better(approximations):
    risks = list(approximations.values())
    assert risks == sorted(risks, reverse=True)


def test_the_best_network_is_better_than_what_the_optimizers_of_scipy_find():
    x, y, _ = data_set(0, samples=200)
    _, loss = best(x, y, 3)
    stream = numpy.random.default_rng(0)
    others = []
    for _ in range(20):
        start = stream.normal(size=10) * numpy.r_[numpy.ones(3), 10 * numpy.ones(3), numpy.ones(4)]

        def residual(p):
            hidden = numpy.maximum(numpy.outer(x, p[:3]) + p[3:6], 0)
            return hidden @ p[6:9] + p[9] - y.numpy()

        found = optimize.least_squares(residual, start, method="lm", max_nfev=2000)
        others.append(2 * found.cost / 200)
    assert loss.item() <= min(others) * (1 + 1e-3)


def test_the_loss_is_that_of_the_network_returned():
    x, y, _ = data_set(1)
    network, loss = best(x, y, 5)
    assert loss.item() == pytest.approx((apply(network, x, torch.relu) - y).square().mean().item())


@pytest.mark.parametrize("samples", [1, 2, 3, 7])
def test_few_samples_are_met_exactly(samples):
    x, y, _ = data_set(2, samples=samples)
    network, loss = best(x, y, 10)
    assert loss.item() == pytest.approx(0, abs=1e-9)
    assert all(torch.isfinite(value).all() for value in network)


def test_the_same_stream_gives_the_same_network():
    x, y, _ = data_set(3, samples=100)
    for one, other in zip(best(x, y, 4)[0], best(x, y, 4)[0], strict=True):
        assert torch.equal(one, other)


def networks(risk, status="trained"):
    data_seeds, init_seeds = risk.shape
    return DataFrame(
        {
            "data_seed": numpy.repeat(range(data_seeds), init_seeds),
            "init_seed": numpy.tile(range(init_seeds), data_seeds),
            "hidden_size": 5,
            "status": status,
            "excess_risk": risk.ravel(),
        }
    )


def best_of(excess_risk, approximation):
    """The best networks of the hidden size 5, among those of others."""
    rows = {"data_seed": range(len(excess_risk)), "excess_risk": excess_risk}
    frame = DataFrame({**rows, "hidden_size": 5, "approximation": approximation})
    others = frame.assign(excess_risk=7.0, approximation=3.0)
    return concat([others.assign(hidden_size=2), frame, others.assign(hidden_size=50)])


def test_the_terms_are_what_they_are_called_and_sum_to_the_excess_risk():
    stream = numpy.random.default_rng(0)
    risk = stream.lognormal(size=(7, 5))
    fitted = 0.1 + stream.lognormal(size=7)
    table = best_of(fitted, approximation=0.1)
    [row] = error_decomposition(networks(risk), table[::-1]).to_dict("records")
    assert row["approximation"] == 0.1
    reached = interquartile_mean(numpy.repeat(fitted, 5))
    assert row["estimation"] == pytest.approx(reached - 0.1, rel=1e-15)
    assert row["excess_risk"] == interquartile_mean(risk.ravel())
    total = row["approximation"] + row["estimation"] + row["optimization"]
    assert total == pytest.approx(row["excess_risk"], rel=1e-15)


def test_an_optimizer_that_finds_the_best_network_leaves_nothing():
    fitted = numpy.random.default_rng(1).lognormal(size=6)
    table = best_of(fitted, approximation=0.0)
    [row] = error_decomposition(networks(numpy.outer(fitted, numpy.ones(4))), table).to_dict(
        "records"
    )
    assert row["optimization"] == pytest.approx(0, abs=1e-15)


def test_networks_that_diverged_count_as_infinitely_wrong():
    risk = numpy.ones((4, 4))
    frame = networks(risk)
    table = best_of(numpy.full(4, 0.5), approximation=0.1)
    frame.loc[:3, "status"] = "diverged"
    assert error_decomposition(frame, table)["excess_risk"].item() == 1
    frame.loc[:4, "status"] = "diverged"
    [row] = error_decomposition(frame, table).to_dict("records")
    assert row["excess_risk"] == row["optimization"] == numpy.inf
    assert row["estimation"] == pytest.approx(0.4)


def test_least_squares_are_those_of_numpy():
    one = data_set(4)
    for degree in (1, 2):
        expected = numpy.polynomial.Polynomial.fit(one.x, one.y, degree).convert().coef
        numpy.testing.assert_allclose(least_squares(one.x, one.y, degree), expected, rtol=1e-8)


def test_baselines_are_what_theory_says():
    data_sets = [data_set(seed, samples=200) for seed in range(40)]
    table = baselines(data_sets, noise_scale=2.0, **TRUTH).set_index("baseline")
    # x = 10 z: given the inputs, E[(f - truth)^2] = noise^2 trace((X^T X)^-1 E[X^T X]).
    gram = numpy.array([[1, 0, 1], [0, 1, 0], [1, 0, 3]])
    powers = [numpy.vander(one.x / 10, 3, increasing=True) for one in data_sets]
    expected = [4 * numpy.trace(numpy.linalg.solve(p.T @ p, gram)) for p in powers]
    assert table.loc["quadratic", "median"] == pytest.approx(numpy.mean(expected), rel=0.4)
    # Whatever the line, the curvature stays: Var(5 z^2) = 50.
    assert table.loc["straight_line", "median"] == pytest.approx(50, rel=0.05)
    assert (table.loc["noise_floor"][["median", "ci_low", "ci_high"]] == 0).all()
    assert table.loc["noise_floor", "expected_loss"] == 4


def test_the_excess_risk_of_a_baseline_is_exact_in_the_moments_of_x():
    one = data_set(5, samples=50)
    table = baselines([one], noise_scale=2.0, **TRUTH).set_index("baseline")
    d0, d1, d2 = least_squares(one.x, one.y, 2) - [2, 0.5, -0.05]
    expected = d0**2 + 2 * d0 * d2 * 100 + d1**2 * 100 + d2**2 * 3e4
    assert table.loc["quadratic", "median"] == pytest.approx(expected, rel=1e-9)
    assert numpy.isnan(table.loc["quadratic", "ci_low"])


def test_a_single_sample_has_a_baseline():
    one = DataSet(*(torch.tensor([value], dtype=torch.float64) for value in (0.0, 1.0, 2.0)))
    table = baselines([one], noise_scale=0.0, **TRUTH)
    assert numpy.isfinite(table["median"]).all()
