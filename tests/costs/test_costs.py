"""What could hardly ever end is refused at once, and jobs are cut to minutes and below 1 GiB."""

import copy
import re
import time
from pathlib import Path

import pytest
import yaml

from autodiff_pipeline.configuration.experiment import read
from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.costs.derivatives import (
    derivatives_part,
    derivatives_seconds,
    float32_seconds,
)
from autodiff_pipeline.costs.size import check_size
from autodiff_pipeline.costs.training import (
    SECONDS_TOGETHER,
    networks_per_job,
    trained_together,
    training_seconds,
)

DEFAULT = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text())


def experiment(**changes):
    """The default experiment with dotted keys changed."""
    changed = copy.deepcopy(DEFAULT)
    for path, value in changes.items():
        *groups, key = path.split("__")
        group = changed
        for name in groups:
            group = group[name]
        group[key] = value
    return read(changed)


ENDLESS = [
    (
        {"training__seeds": 10**20},
        "would train 2.1e+22 networks in 3.33e+18 jobs and take about 1.3e+13 years of one core, "
        "most for training (data.seeds 10, data.samples 1,000, training.seeds 1e+20,",
    ),
    ({"training__seeds": 10**20, "confirm_size": True}, "no more than 1,000,000 jobs"),
    ({"training__seeds": 10**6}, "would train 210,000,000 networks in 33,370 jobs and take about"),
    ({"training__seeds": 10**5, "training__seeds_per_job": 1}, "no more than 1,000,000 jobs"),
    ({"training__epochs": 10**9}, "training.epochs 1e+09"),
    ({"training__hidden_sizes": [5, 10**9]}, "2 training.hidden_sizes up to 1e+09"),
    ({"training__optimizers__levenberg_marquardt": {"epochs": 10**9}}, "for training"),
    ({"data__seeds": 10**20}, "data.seeds 1e+20"),
    (
        {"data__seeds": 10**5},
        "on 100,000 data sets (data.seeds), and Snakemake plan them for about",
    ),
    ({"data__samples": 10**12}, "data.samples 1e+12"),
    ({"derivatives__points": 10**12}, "most for derivatives (derivatives.points 1e+12"),
    ({"derivatives__samples": 10**12}, "derivatives.samples 1e+12"),
    (
        {"derivatives__samples": 10**12, "derivatives__systems": ["torch", "torch_compile"]},
        "functions, derivatives.systems torch, torch_compile)",
    ),
    ({"minimization__epochs": 10**12}, "most for minimization (minimization.epochs 1e+12"),
    ({"minimization__hidden_size": 10**9}, "minimization.hidden_size 1e+09"),
    (
        {"data__samples": 10**9, "minimization__epochs": 1, "training__epochs": 1},
        "GiB of memory for",
    ),
    (
        {
            **dict.fromkeys(["training__seeds", "data__seeds", "data__samples"], 10**30),
            **dict.fromkeys(["training__epochs", "minimization__hidden_size"], 10**30),
            "training__hidden_sizes": [10**30],
            "training__activation": "tanh",
        },
        "years of one core",
    ),
]


@pytest.mark.parametrize(("changes", "said"), ENDLESS)
def test_what_could_hardly_ever_end_is_refused_in_one_sentence(changes, said):
    start = time.perf_counter()
    endless = experiment(**changes)
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        check_size(endless)
    assert time.perf_counter() - start < 5  # seconds on a loaded machine; hundredths on a free one
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "give less" in str(caught.value)


@pytest.mark.parametrize(
    "changes", [{"training__seeds": 10**6}, {"data__seeds": 10**5}, {"training__epochs": 10**9}]
)
def test_what_takes_weeks_runs_where_it_is_confirmed(changes):
    confirmed = experiment(**changes, confirm_size=True)
    assert check_size(confirmed) is confirmed


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"training__seeds": 10**4},
        {"training__epochs": 10**6},
        {"data__samples": 10**7, "data__seeds": 1, "minimization__epochs": 100},
        {"training__optimizers__levenberg_marquardt": {}},
        {"training__activation": "tanh"},
    ],
)
def test_what_ends_within_a_week_is_not_refused(changes):
    check_size(experiment(**changes))


MEASURED = {  # seconds of one core, child processes included
    ("relu", "torch"): 1.4,
    ("tanh", "torch"): 2.8,
    ("mish", "torch"): 3.5,
    ("relu", "jax"): 3.7,
    ("tanh", "jax"): 5.1,
    ("relu", "torch_compile"): 22.4,
    ("lgamma", "torch_compile"): 26.7,
    ("mish", "torch_compile"): 33.4,
    ("tanh", "torch_compile"): 84.6,
}


@pytest.mark.parametrize(("function", "system"), MEASURED)
def test_what_a_system_costs_is_estimated_within_a_factor_of_three(function, system):
    seconds = derivatives_seconds(experiment(derivatives__systems=[system]), [function])
    assert MEASURED[function, system] / 3 < seconds < 3 * MEASURED[function, system]


def test_what_every_float32_costs_is_estimated_within_a_factor_of_three():
    of_tanh = experiment(derivatives__orders=[1])
    measured = 947  # seconds of processor time, from -30 to 30
    assert measured / 3 < float32_seconds(of_tanh, "tanh", 2_212_495_361) < 3 * measured


@pytest.mark.parametrize(("dtypes", "hours"), [(["float32"], 10), (["float64"], 0)])
def test_every_float32_counts_where_float32_is_examined(dtypes, hours):
    sampled = experiment(derivatives__dtypes=dtypes)
    every = experiment(derivatives__dtypes=dtypes, derivatives__exhaustive=True)
    more = derivatives_part(every).cost.seconds - derivatives_part(sampled).cost.seconds
    assert hours <= more / 3600 <= 10 * hours
    assert ("derivatives.exhaustive" in derivatives_part(every).what) == bool(hours)


def test_the_default_trains_all_seeds_of_a_group_in_one_job():
    default = experiment()
    for optimizer in default.training.optimizers.selected():
        for hidden_size in default.training.hidden_sizes:
            assert networks_per_job(default, optimizer, hidden_size) >= 100


def test_hidden_sizes_are_trained_together_that_take_seconds():
    default = experiment()
    sizes = trained_together(default)
    assert sizes == list(default.training.hidden_sizes)
    for optimizer in default.training.optimizers.selected():
        apart = sum(training_seconds(default, optimizer, [size], 100) for size in sizes)
        joined = training_seconds(default, optimizer, sizes, 100)
        start = (apart - joined) / (len(sizes) - 1)
        assert 0 < joined - start < SECONDS_TOGETHER


def test_large_hidden_sizes_are_trained_apart():
    assert trained_together(experiment(training__hidden_sizes=[300, 5, 2])) == [2, 5]


@pytest.mark.parametrize(
    "changes",
    [
        {"training__hidden_sizes": [5]},  # one is not together with any
        {"training__epochs": 10**6},  # too long
        {"training__seeds_per_job": 50},  # in blocks
    ],
)
def test_what_takes_long_or_is_cut_is_trained_apart(changes):
    assert trained_together(experiment(**changes)) == []


def test_what_is_configured_is_taken():
    assert networks_per_job(experiment(training__seeds_per_job=7), "adam", 10) == 7


def test_jobs_are_smaller_where_networks_are_larger_or_trained_for_longer():
    many = {"training__seeds": 10**6}
    usual = networks_per_job(experiment(**many), "adam", 10)
    assert 1000 < usual < 10**5
    assert networks_per_job(experiment(**many), "adam", 100) < usual / 5
    assert networks_per_job(experiment(**many), "gradient_descent", 10) < usual
    assert networks_per_job(experiment(**many, training__epochs=30000), "adam", 10) < usual / 5
    assert networks_per_job(experiment(**many, training__activation="tanh"), "adam", 10) < usual / 5
    assert networks_per_job(experiment(**many, training__epochs=10**9), "adam", 10) == 1


def test_large_data_sets_are_spread_over_jobs():
    large = experiment(data__samples=10**6, data__seeds=100)
    assert networks_per_job(large, "adam", 10) == 20  # all networks of two of them
    larger = experiment(data__samples=10**7, data__seeds=100)
    assert networks_per_job(larger, "adam", 10) == 10  # of one, which alone takes more than 1 GiB
