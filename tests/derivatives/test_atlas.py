import numpy
import pandas
import pytest
import torch

from autodiff_pipeline.derivatives.accuracy import ACCURACY_COLUMNS, accuracy_table
from autodiff_pipeline.derivatives.atlas import atlas
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.derivatives.point_table import POINT_COLUMNS, point_table
from autodiff_pipeline.derivatives.special_numbers import landmarks, special_numbers
from autodiff_pipeline.derivatives.subject import expression_subject, subjects_of
from autodiff_pipeline.derivatives.truths import truths_for
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, even_points, sampled_points

SETTINGS = {
    "systems": ["torch"],
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


@pytest.mark.bench
def test_another_system_changes_no_row_of_torch():
    pytest.importorskip("jax")
    changes = {"operator": None, "dtypes": ["float64"], "sampled_dtypes": ["float64"]}
    alone, together = (
        small_atlas(**changes, orders=[1], systems=systems)
        for systems in (["torch"], ["torch", "jax"])
    )
    for name in ("accuracy", "findings"):
        frame = getattr(together, name)
        kept = frame[frame["system"] == "torch"]
        assert len(kept) < len(frame)
        assert kept.to_csv(index=False) == getattr(alone, name).to_csv(index=False)


def test_half_precision_is_taken_whole():
    frame = small_atlas(range=(0, 1), sampled_dtypes=["float16"]).accuracy
    assert set(frame["points"]) == {0, 15 * 1024 + 2}  # 15 binades below 1, both zeros and one


def test_chunks_do_not_matter():
    subject = expression_subject("silu", parse("silu(x)"))
    x = torch.linspace(-20, 20, 300)
    whole = accuracy_table([subject], "float32", [x], [1, 2])
    parts = accuracy_table([subject], "float32", x.split(77), [1, 2])
    numpy.testing.assert_array_equal(
        whole.drop(columns=["first_lost_x", "worst_x"]).to_numpy(str),
        parts.drop(columns=["first_lost_x", "worst_x"]).to_numpy(str),
    )


def test_truth_by_pieces_and_at_points_give_the_same_table():
    subjects = subjects_of("f", parse("x/(1 + exp(-x))"), "silu")
    for dtype in ("float16", "bfloat16", "float32"):
        x = sampled_points(-110, 90, DTYPES[dtype], 3000, torch.Generator().manual_seed(3))
        truth_at = truths_for(subjects[0].expression, {dtype: doubles(x)}, 2)[dtype]
        at_points, by_pieces = (
            accuracy_table(subjects, dtype, [x], [1, 2], way) for way in (None, truth_at)
        )
        exact = ["points", "worst_x", "lost_points", "first_lost_x", "true_zeros", "note"]
        pandas.testing.assert_frame_equal(at_points[exact], by_pieces[exact])
        # remainders are known to 2**-20 ulp
        pandas.testing.assert_frame_equal(at_points, by_pieces, rtol=1e-6, atol=2.0**-19)


def test_points_without_certified_truth_are_reported():
    frame = accuracy_table(
        [expression_subject("log", parse("log(x)"))],
        "float64",
        [torch.tensor([-1.0, 0.0, 2.0]).double()],
        [1],
    )
    row = frame.set_index("method").loc["reverse_mode"]
    assert row["points"] == 1
    assert row["uncertified_points"] == 2
    assert row["note"] == "2 points without certified truth (x = 0.0: end of domain)"


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


def function_of(expression, interval, **changes):
    return small_atlas(
        expression=parse(expression), interval=interval, range=None, operator=None, **changes
    )


def test_a_range_wider_than_the_dtype_is_clipped_to_its_numbers():
    frame = function_of("asinh(x)", (-1e200, 1e200), orders=[1], sampled_dtypes=["float32"])
    row = frame.accuracy.set_index("method").loc["reverse_mode"]
    ends = (-1e200, 1e200)
    special = special_numbers(landmarks(parse("asinh(x)"), ends, ()), ends, torch.float32)
    assert (row["uncertified_points"], row["points"]) == (0, 50 + 11 + 601 + len(special))
    points = frame.points[frame.points["dtype"] == "float32"]
    assert points["truth"].notna().all()
    assert points["x"].abs().max() == torch.finfo(torch.float32).max


def test_an_interval_in_which_a_dtype_has_no_number_is_said():
    result = function_of("x**2", (1e5, 1e6), dtypes=["float16", "float32"],
                         sampled_dtypes=["float16", "float32"], orders=[1])  # fmt: skip
    rows = result.accuracy.set_index(["dtype", "method"])
    assert rows.loc[("float16", "reverse_mode"), "note"] == "float16 has no number in the range"
    assert rows.loc[("float16", "reverse_mode"), "points"] == 0
    assert rows.loc[("float32", "reverse_mode"), "max_ulp_error"] == 0
    assert set(result.points["dtype"]) == {"float32"}


@pytest.mark.parametrize(
    ("expression", "interval", "points", "uncertified"),
    [
        ("log(x)", (-1, 1), 101, 51),
        ("1/x", (-1, 1), 101, 1),
        ("2**x", (0, 1024), 101, 0),  # its value overflows at 1024, its derivative does not
        ("log(1 - exp(x))", (-5, -1e-20), 101, 0),  # naive doubles give log(0) at -1e-20
        ("sin(x)/x", (-1, 1), 101, 0),
    ],
)
def test_undefined_points_are_reported_and_the_rest_judged(
    expression, interval, points, uncertified
):
    settings = {"points": points, "orders": [1], "dtypes": ["float64"], "sampled_dtypes": []}
    frame = function_of(expression, interval, **settings).points
    frame = frame[frame["method"] == "reverse_mode"]
    assert len(frame) == points
    assert frame["truth"].isna().sum() == uncertified


def test_nan_where_the_function_is_constant_is_lost():
    # acos(1) all along: automatic differentiation multiplies an infinite slope with 0.
    subject = expression_subject("f", parse("acos(relu(x + 1) - relu(x - 1) - 1)"))
    x = even_points(1.5, 2, torch.float64, 2701)
    frame = accuracy_table([subject], "float64", [x], [1]).set_index("method")
    missing = torch.func.vmap(torch.func.grad(subject.function))(x).isnan().sum()
    assert missing > 1000
    assert frame.loc["reverse_mode", ["true_zeros", "lost_points"]].tolist() == [2701, missing]
    assert numpy.isnan(frame.loc["reverse_mode", "max_ulp_error"])


def test_nan_at_a_true_zero_is_lost():
    # The derivative of sin(x)/x at 0 is 0; torch gives NaN.
    frame = function_of("sin(x)/x", (-1, 1), points=101, orders=[1], sampled_dtypes=["float64"])
    points = frame.points
    at_zero = points[(points["x"] == 0) & (points["method"] == "reverse_mode")]
    assert at_zero["truth"].tolist() == [0, 0]
    assert at_zero["value"].isna().all()
    assert at_zero["lost"].all()
    assert at_zero["ulp_error"].isna().all()
    row = frame.accuracy.set_index("method").loc["reverse_mode"]
    assert row["first_lost_x"] == 0
    assert row["max_absolute_error_at_zero"] == numpy.inf
    assert row["lost_points"] > 1  # also where x is so small that x**2 is 0


def test_a_zero_at_a_true_zero_is_right_and_rounding_there_is_absolute():
    at = [torch.tensor([-2.0, -1.0, -0.5, 0.25, 1.0], dtype=torch.float64)]
    frame = accuracy_table([expression_subject("f", parse("sin(pi*x)"))], "float64", at, [1, 2])
    row = frame.set_index(["order", "method"]).loc[2, "reverse_mode"]
    assert (row["true_zeros"], row["lost_points"]) == (3, 0)
    assert 0 < row["max_absolute_error_at_zero"] < 1e-14
    assert row["max_absolute_error"] < 1e-14
    assert row["max_ulp_error"] < 4
    assert frame.set_index(["order", "method"]).loc[(1, "reverse_mode"), "max_ulp_error"] < 4


EXTREMES = [
    ("atan(x)", (-1e308, 1e308)),
    ("x**2", (-1e-322, 1e-322)),
    ("x", (0, 5e-324)),
    ("abs(x)", (-1.79e308, 1.79e308)),
    ("exp(x)", (1, 1.0001)),
    ("x**2", (1.0, 1.0000000000000002)),
    ("log(x)", (1e-320, 1e-300)),
    ("3*x", (1e308, 1.7e308)),
]


@pytest.mark.parametrize(("expression", "interval"), EXTREMES)
def test_extreme_intervals_have_every_table(expression, interval):
    result = function_of(expression, interval, dtypes=list(DTYPES), sampled_dtypes=["float64"])
    row = result.accuracy.set_index(["order", "method"]).loc[1, "reverse_mode"]
    assert row["points"] + row["uncertified_points"] > 5 + 11 + 601
    assert result.points["x"].between(*interval).all()
    assert set(result.step_sizes["dtype"]) <= {"float32", "float64"}
