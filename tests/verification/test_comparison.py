"""A verdict counts what is the same, and rows that only one table has do not hide it."""

import math

import pytest
from pandas import DataFrame, concat
from project import ROOT

from autodiff_pipeline.storage.frames import read_csv
from autodiff_pipeline.verification.comparison import KEYS, compared

HERE = DataFrame(
    {
        "function": ["tanh", "tanh", "exp"],
        "dtype": ["float32", "float64", "float32"],
        "scheme": "central",
        "floor": [1e-5, math.nan, 2.0],
        "note": ["", "none", ""],
    }
)


def verdict(here, published):
    return compared("derivative_optima", here, published)


def test_the_same_rows_in_another_order_are_identical_beside_more_rows():
    more = HERE.assign(scheme="forward", floor=9.0)
    assert verdict(HERE, concat([more, HERE[::-1]])) == {
        "table": "derivative_optima",
        "rows": 3,
        "values": 6,
        "identical": 6,
        "worst_relative_difference": 0.0,
        "only_here": 0,
        "only_published": 3,
        "verdict": "identical",
    }
    found = verdict(concat([more, HERE]), HERE)
    assert (found["only_here"], found["verdict"]) == (3, "different")


@pytest.mark.parametrize(
    ("column", "value", "identical", "worst"),
    [
        ("floor", 1e-5 * (1 + 2**-50), 5, 2**-50),
        ("floor", math.inf, 5, math.inf),
        ("floor", math.nan, 5, math.inf),
        ("note", "other", 5, 0.0),
    ],
)
def test_what_differs_is_counted_and_measured(column, value, identical, worst):
    other = HERE.copy()
    other.loc[0, column] = value
    found = verdict(HERE, other)
    assert (found["identical"], found["verdict"]) == (identical, "different")
    assert found["worst_relative_difference"] == pytest.approx(worst, rel=0.1)


@pytest.mark.parametrize("name", KEYS)
def test_every_published_table_has_a_key_and_is_identical_to_itself(name):
    published = read_csv(ROOT / f"results/reference/{name}.csv")
    found = compared(name, published, published)
    assert (found["verdict"], found["rows"]) == ("identical", len(published))


def test_a_key_that_names_two_rows_is_refused():
    with pytest.raises(ValueError, match="function, dtype, scheme name two rows"):
        verdict(HERE, concat([HERE, HERE]))
