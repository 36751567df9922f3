"""Answers say what the tables say, and what can be said of less."""

import numpy
import pytest
from pandas import DataFrame

from autodiff_pipeline.report.answers import answers
from autodiff_pipeline.report.wording import number

ACCURACY = DataFrame(
    [
        ("tanh", "float32", 1, "reverse_mode", 100, 1e7, 5, 9.01),
        ("tanh", "float64", 1, "reverse_mode", 100, 3.0, 0, numpy.nan),
        ("sin", "float32", 1, "reverse_mode", 100, 1.0, 0, numpy.nan),
        ("sin", "float64", 1, "reverse_mode", 0, numpy.nan, 0, numpy.nan),
        ("tanh", "float32", 1, "stable", 100, 1.5, 0, numpy.nan),
        ("tanh", "float64", 1, "stable", 100, 4.5, 0, numpy.nan),
    ],
    columns=[
        *("function", "dtype", "order", "method", "points", "max_ulp_error", "lost_points"),
        "first_lost_x",
    ],
).assign(system="torch", max_absolute_error_at_zero=numpy.nan, worst_x=0.25)
SUMMARY = DataFrame(
    {
        "hidden_size": [1, 10, 1, 10],
        "optimizer": ["gradient_descent"] * 2 + ["adam"] * 2,
        "networks": 25,
        "diverged": [0, 3, 0, 0],
        "measure": "excess_risk",
        "interquartile_mean": [40.0, numpy.inf, 7.0, 0.125],
        "ci_low": [30.0, numpy.nan, 6.0, 0.1],
        "ci_high": [50.0, numpy.nan, 8.0, 0.15],
    }
)
VARIANCE = DataFrame(
    {
        "hidden_size": 10,
        "optimizer": "adam",
        "component": ["data", "initialization", "interaction"],
        "share": [0.25, 0.7, 0.05],
        "ci_low": [0.1, 0.6, 0.0],
        "ci_high": [0.3, 0.8, 0.1],
    }
)
DECOMPOSITION = DataFrame(
    {
        "hidden_size": [1, 10],
        "optimizer": "gradient_descent",
        "approximation": [11.0, 0.5],
        "estimation": [1.0, 0.5],
        "optimization": [28.0, 3.0],
        "excess_risk": [40.0, 4.0],
    }
)
MINIMIZATION = DataFrame(
    {
        "problem": ["polynomial", "polynomial", "network", "network"],
        "epoch": [0, 3000] * 2,
        "loss_difference": [0.0, -2e-15, 0.0, 1e-14],
        "max_parameter_difference": [0.0, 1e-16, 0.0, 3e-15],
    }
)
TABLES = {
    "derivative_accuracy": ACCURACY,
    "minimization": MINIMIZATION,
    "summary": SUMMARY,
    "variance": VARIANCE,
    "error_decomposition": DECOMPOSITION,
}


def test_answers_have_the_numbers_of_the_tables():
    short = {answer.question: answer.short for answer in answers(TABLES)}
    assert list(short.values()) == [
        "2 of 3",
        "1 of 2",
        "to 1e-14",
        "to an excess risk of 0.125",
        "75% the optimizer",
        "70% the start",
    ]
    text = " ".join(answer.text for answer in answers(TABLES))
    for said in (
        "2 are right to 4 units in the last place",
        "1 are lost somewhere",
        "The first derivative of tanh is lost from |x| = 9.01 in float32 on.",
        "The worst error is 4.5 ulp (tanh, float64, order 1, at x = 0.25)",
        "Over 3,000 epochs the losses differ by no more than 2e-15 for the polynomial",
        "networks of 10 hidden units trained by adam",
        "0.125 (95 % interval 0.1 to 0.15)",
        "gradient descent ends at 40 (95 % interval 30 to 50)",
        "3 of 100 networks diverged",
        "would still have 0.5; fitting the noise of the data adds 0.5; and 3 is left",
    ):
        assert said in text


def test_of_measurements_it_is_the_held_out_loss_that_is_said():
    measurements = DataFrame(
        {
            "axis": ["x", "y"],
            "column": ["year", "height"],
            "rows": 240,
            "held_out": 48,
            "mean": [2005.0, 1e-9],
            "standard_deviation": [8.0, 2e-9],
            "smallest": [1990.0, 0.0],
            "largest": [2020.0, 9e-9],
        }
    )
    summary = SUMMARY.assign(measure="held_out_loss")
    data, nearest = answers({"measurements": measurements, "summary": summary})
    assert data.short == "240 rows"
    assert "height from year, from 1990 to 2020" in data.text
    assert "240 rows: 192 to train on, and 48 held out" in data.text
    assert "standard deviation 2e-09" in data.text
    assert nearest.short == "0.125 of the variance left"
    assert "their held-out loss (with a variance of y of 1) is 0.125" in nearest.text
    assert "truth" not in nearest.text + nearest.question


@pytest.mark.parametrize("missing", TABLES)
def test_a_missing_or_empty_table_costs_its_answer_only(missing):
    less = {name: table for name, table in TABLES.items() if name != missing}
    without = [answer.question for answer in answers(less)]
    assert 0 < len(without) < len(answers(TABLES))
    empty = {**less, missing: TABLES[missing].iloc[:0]}
    assert [answer.question for answer in answers(empty)] == without


def test_all_networks_diverged():
    diverged = SUMMARY.assign(interquartile_mean=numpy.inf, ci_low=numpy.nan, ci_high=numpy.nan)
    assert answers({"summary": diverged, "variance": VARIANCE}) == []


def test_seeds_too_few_for_an_interval_are_given_none():
    few = SUMMARY.assign(ci_low=numpy.nan, ci_high=numpy.nan)
    [answer] = answers({"summary": few})
    assert "interval" not in answer.text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (3000, "3,000"),
        (1559.6, "1,560"),
        (0.10554, "0.106"),
        (-2.4, "-2.4"),
        (1.4210854715202004e-14, "1.42e-14"),
        (numpy.inf, "infinite"),
        (numpy.nan, "not a number"),
    ],
)
def test_numbers_are_written_as_people_do(value, written):
    assert number(value) == written
