import numpy
import pytest
import torch

from autodiff_pipeline.derivatives.accuracy import ACCURACY_COLUMNS, accuracy_table
from autodiff_pipeline.derivatives.atlas import atlas
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.derivatives.point_table import POINT_COLUMNS, point_table
from autodiff_pipeline.derivatives.subject import expression_subject
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES

SETTINGS = {
    "dtypes": ["float32", "float64"],
    "sampled_dtypes": ["float32", "float64"],
    "orders": [1, 3],
    "points": 11,
    "samples": 50,
}


@pytest.fixture(scope="module")
def tanh():
    return small_atlas()


def small_atlas(seed=1, **changes):
    function = {"expression": parse("tanh(x)"), "interval": (-2, 2), "range": (-4, 4)}
    function |= {"operator": "tanh", "kinks": ()}
    streams = {name: torch.Generator().manual_seed(seed) for name in DTYPES}
    return atlas("tanh", **{**function, **SETTINGS, **changes}, generators=streams)


def test_no_combination_is_missing(tanh):
    frame = tanh.accuracy
    assert list(frame.columns) == ACCURACY_COLUMNS
    keys = ["function", "order", "dtype", "method"]
    assert len(frame) == 2 * 2 * 2 * len(METHODS)
    assert not frame.duplicated(keys).any()
    assert (frame["points"].eq(0) == frame["note"].ne("")).all()
    assert (frame["worst_x"].abs().dropna() <= 4).all()


def test_the_point_table_is_the_linear_grid(tanh):
    frame = tanh.points
    assert list(frame.columns) == POINT_COLUMNS
    one = frame[
        (frame["dtype"] == "float32") & (frame["order"] == 1) & (frame["method"] == "formula")
    ]
    assert one["x"].tolist() == [float(numpy.float32(0.4 * k)) for k in range(-5, 6)]
    truth = 1 / numpy.cosh(one["x"]) ** 2
    numpy.testing.assert_array_equal(one["truth"], truth.astype(numpy.float32))
    numpy.testing.assert_allclose(one["value"], truth, rtol=1e-6)
    assert (one["ulp_error"] < 20).all()


def test_the_same_streams_give_the_same_rows(tanh):
    assert tanh.accuracy.equals(small_atlas().accuracy)
    assert not tanh.accuracy.equals(small_atlas(seed=2).accuracy)


def test_half_precision_is_taken_whole():
    frame = small_atlas(range=(0, 1), sampled_dtypes=["float16"]).accuracy
    assert set(frame["points"]) == {0, 15 * 1024 + 1}  # 15 binades below 1, zero and one


def test_chunks_do_not_matter():
    subject = expression_subject("silu", parse("silu(x)"))
    x = torch.linspace(-20, 20, 300)
    whole = accuracy_table([subject], "float32", [x], [1, 2])
    parts = accuracy_table([subject], "float32", x.split(77), [1, 2])
    numpy.testing.assert_array_equal(
        whole.drop(columns=["first_lost_x", "worst_x"]).to_numpy(str),
        parts.drop(columns=["first_lost_x", "worst_x"]).to_numpy(str),
    )


def test_points_without_certified_truth_are_reported():
    frame = accuracy_table(
        [expression_subject("log", parse("log(x)"))],
        "float64",
        [torch.tensor([-1.0, 0.0, 2.0]).double()],
        [1],
    )
    row = frame.set_index("method").loc["reverse_mode"]
    assert row["points"] == 1
    assert row["note"] == "2 points without certified truth"


@pytest.mark.parametrize("dtypes", [["float16"]])
def test_half_precision_alone_has_no_step_sizes(dtypes):
    result = small_atlas(dtypes=dtypes, sampled_dtypes=[])
    assert len(result.step_sizes) == len(result.accuracy) == len(result.curves) == 0
    assert set(result.points["dtype"]) == set(dtypes)


def test_points_of_methods_are_those_of_the_subject():
    relu = expression_subject("relu", parse("relu(x)"))
    frame = point_table(relu, {"float32": torch.tensor([-1.0, 0.0, 1.0])}, [1])
    assert "complex_step" not in set(frame["method"])
    at_kink = frame[frame["x"] == 0]
    assert at_kink["truth"].isna().all()
