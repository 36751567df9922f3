import numpy
import pytest
import torch
from pandas import DataFrame

from autodiff_pipeline.networks.network import Parameters, apply
from autodiff_pipeline.tables.convergence import convergence
from autodiff_pipeline.tables.fits import curves, fits, grid
from autodiff_pipeline.tables.intervals import interquartile_mean
from autodiff_pipeline.tables.minimization import minimization
from autodiff_pipeline.tables.sharpness import sharpness
from autodiff_pipeline.tables.summary import summary
from autodiff_pipeline.tables.trajectories import trajectories


def test_convergence_takes_quantiles_over_finite_losses():
    history = DataFrame(
        {
            "data_seed": [0, 1, 2, 3, 4] * 2,
            "init_seed": 0,
            "epoch": [0] * 5 + [10] * 5,
            "loss": [5.0, 1.0, 2.0, 3.0, 4.0, 1.0, numpy.inf, 2.0, numpy.nan, 3.0],
        }
    )
    table = convergence(history)
    assert table.to_dict("list") == {
        "epoch": [0, 10],
        "networks": [5, 3],
        "median": [3.0, 2.0],
        "q25": [2.0, 1.5],
        "q75": [4.0, 2.5],
    }


def test_sharpness_is_apart_for_networks_that_diverged():
    history = DataFrame(
        {
            "data_seed": [0, 0, 0, 0, 1, 1],
            "init_seed": [0, 0, 1, 1, 0, 0],
            "epoch": [0, 9] * 3,
            "sharpness": [10.0, 20.0, 30.0, numpy.nan, 50.0, 60.0],
        }
    )
    networks = DataFrame(
        {
            "data_seed": [0, 0, 1],
            "init_seed": [0, 1, 0],
            "status": ["trained", "diverged", "trained"],
        }
    )
    table = sharpness(history, networks).set_index(["status", "epoch"])
    assert table.loc[("trained", 0), ["networks", "median", "largest"]].tolist() == [2, 30, 50]
    assert table.loc[("diverged", 0), "median"] == 30
    assert ("diverged", 9) not in table.index


def test_fits_are_quantiles_of_the_curves():
    stream = torch.Generator().manual_seed(3)
    shapes = [(50, 4), (50, 4), (50, 4), (50,)]
    networks = Parameters(*(torch.randn(s, generator=stream, dtype=torch.float64) for s in shapes))
    x = grid(-6.0, 6.0)
    assert x[[0, 60, 120]].tolist() == [-6.0, 0.0, 6.0]
    table = fits(curves(networks, torch.relu, x))
    expected = numpy.stack(
        [apply(Parameters(*(v[i] for v in networks)), x, torch.relu).numpy() for i in range(50)]
    )
    numpy.testing.assert_allclose(
        table[["median", "q05", "q95"]].T,
        numpy.quantile(expected, [0.5, 0.05, 0.95], axis=0),
        rtol=1e-12,
    )
    some = fits(curves(networks, torch.relu, x[7:9]))
    numpy.testing.assert_array_equal(some, table[7:9])


def test_fits_of_no_network_are_missing():
    none = Parameters(
        *(torch.zeros(0, 4, dtype=torch.float64) for _ in "wbv"), torch.zeros(0).double()
    )
    x = grid(-3.0, 3.0)
    table = fits(curves(none, torch.relu, x))
    assert table["median"].isna().all()


def test_minimization_lays_the_runs_side_by_side():
    trace = DataFrame(
        [
            ("network", 0, "loss", 5.0, 5.0),
            ("network", 0, "w0", 1.0, 1.0),
            ("network", 1, "loss", 4.0, 4.5),
            ("network", 1, "w0", 0.5, 0.75),
            ("network", 1, "b0", 2.0, 1.0),
        ],
        columns=["problem", "epoch", "quantity", "automatic", "by_hand"],
    )
    growth = DataFrame(
        {
            "dtype": "float32",
            "gradient": ["moments"] * 2 + ["automatic"] * 2,
            "epoch": [0, 1] * 2,
            "ulp": [0.0, 3.0, 0.0, 0.0],
            "points_apart": [2, 1, 0, 0],
            "crossings": [0, 5, 0, 4],
        }
    )
    assert minimization(trace, growth).to_dict("records") == [
        {
            "problem": "network",
            "epoch": epoch,
            "loss_automatic": automatic,
            "loss_by_hand": exact,
            "loss_difference": automatic - exact,
            "max_parameter_difference": worst,
            "ulp_moments_float32": 3.0 * epoch,
            "apart_moments_float32": 1 + epoch,
            "crossings_moments_float32": 5 * epoch,
            "crossings_automatic_float32": 4 * epoch,
        }
        for epoch, automatic, exact, worst in [(0, 5.0, 5.0, 0.0), (1, 4.0, 4.5, 1.0)]
    ]


def test_trajectories_say_whether_runs_diverge_after_a_crossing_only():
    growth = DataFrame(
        {
            "dtype": ["float64"] * 8 + ["float32"] * 4,
            "gradient": ["by_hand"] * 4 + ["moments"] * 4 + ["automatic"] * 4,
            "epoch": [0, 1, 2, 3] * 3,
            "difference": [0.0, 1e-16, 1e-9, 1e-9, 0.0, 0.0, 1e-9, 1e-8, 0.0, 0.0, 0.0, 0.0],
            "ulp": [0.0, 1.0, 2.0, 1.5, 0.0, 0.0, 3.0, 4.0, 0.0, 0.0, 0.0, 0.0],
            "points_apart": [0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
            "crossings": [0, 7, 0, 1, 0, 0, 0, 0, 0, 9, 9, 9],
        }
    )
    after, before = trajectories(growth).to_dict("records")
    assert after == {
        "dtype": "float64",
        "gradient": "by_hand",
        "first_difference": 1,
        "largest_difference": 1e-9,
        "largest_ulp": 2.0,
        "crossings": 8,
        "first_apart": 1,
        "epochs_apart": 1,
        "limit": 1e-10,
        "diverged": 2,
        "follows_crossing": True,
    }
    assert (before["first_apart"], before["diverged"], before["follows_crossing"]) == (2, 2, False)
    none = trajectories(growth.assign(difference=0.0))
    assert none["diverged"].isna().all()
    assert none["follows_crossing"].all()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], 3.0),
        ([1.0, 2.0, 3.0, 100.0], 2.5),
        ([100.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, -50.0], 3.5),
        ([1.0, numpy.inf, 2.0, 3.0], 2.5),
        ([1.0, numpy.inf, 2.0, numpy.inf], numpy.inf),
    ],
)
def test_interquartile_mean(values, expected):
    assert interquartile_mean(numpy.array(values)) == expected


def networks_frame(risk, status="trained"):
    rows, columns = risk.shape
    return DataFrame(
        {
            "data_seed": numpy.repeat(range(rows), columns),
            "init_seed": numpy.tile(range(columns), rows),
            "status": status,
            "excess_risk": risk.ravel(),
        }
    )


def test_summary_counts_who_diverged_as_worst():
    risk = numpy.random.default_rng(0).permutation(numpy.arange(1.0, 101.0)).reshape(10, 10)
    frame = networks_frame(risk)
    frame.loc[frame["excess_risk"] == 1, ["status", "excess_risk"]] = ["diverged", numpy.inf]
    [row] = summary(frame).to_dict("records")
    assert (row["networks"], row["diverged"], row["median"]) == (100, 1, 51.5)
    assert (row["q25"], row["q75"]) == (26.75, 76.25)  # of 2 to 100, and one beyond
    assert row["interquartile_mean"] == 51.5
    assert row["q25"] < row["ci_low"] < row["interquartile_mean"] < row["ci_high"] < row["q75"]
    assert row["note"] == ""


def test_summary_says_why_there_is_no_interval():
    few = summary(networks_frame(numpy.ones((2, 9))))
    assert few["note"].item() == "no interval: it takes 3 data seeds and 3 initial seeds"
    frame = networks_frame(numpy.ones((4, 4)))
    frame.loc[:4, "status"] = "diverged"
    [row] = summary(frame).to_dict("records")
    assert row["note"] == "no interval: more than a quarter of the networks diverged"
    assert (row["median"], row["q75"], row["interquartile_mean"]) == (1, numpy.inf, numpy.inf)
    assert numpy.isnan([row["ci_low"], row["ci_high"]]).all()


def test_summary_of_no_trained_network_is_infinite():
    frame = networks_frame(numpy.full((4, 4), numpy.inf), status="diverged")
    [row] = summary(frame).to_dict("records")
    assert (row["networks"], row["diverged"]) == (16, 16)
    assert row["median"] == row["q25"] == numpy.inf
    assert numpy.isnan(row["ci_low"])
