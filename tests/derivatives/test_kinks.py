import math

import pytest

from autodiff_pipeline.derivatives.kinks import kink_table
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.derivatives.subject import expression_subject, operator_subject
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.truth.one_sided import one_sided_derivatives


@pytest.mark.parametrize(
    ("text", "x", "sides"),
    [
        ("relu(x)", 0.0, (0, 1)),
        ("abs(x)", 0.0, (-1, 1)),
        ("abs(x - 1) + x**2", 1.0, (1, 3)),
        ("2*relu(-x)", 0.0, (-2, 0)),
    ],
)
def test_one_sided_derivatives(text, x, sides):
    assert one_sided_derivatives(parse(text), x) == sides


def test_automatic_derivatives_at_kinks_are_subgradients():
    relu = expression_subject("relu", parse("relu(x)"))
    for subject in (relu, operator_subject("abs", parse("abs(x)"))):
        table = kink_table(subject, [0.0], ["float16", "float64"]).set_index(["method", "dtype"])
        assert len(table) == 2 * len(METHODS)
        for method in (
            "reverse_mode",
            "forward_mode",
            "autograd_grad",
            "backward",
            "forward_difference",
        ):
            assert table.loc[method, "in_subdifferential"].all()
            assert (
                table.loc[method, "value"] == (1 if method == "forward_difference" else 0)
            ).all()
        assert table.loc["complex_step", "in_subdifferential"].isna().all()
        assert (table.loc["complex_step", "note"] != "").all()


def test_what_lies_outside_is_found():
    # Differentiating each part by its own convention gives no subgradient of the sum, which is x.
    subject = expression_subject("x", parse("relu(x) - relu(-x)"))
    table = kink_table(subject, [0.0], ["float64"]).set_index("method")
    assert not table.loc["reverse_mode", "in_subdifferential"]


REFUSED = [
    ("log(x)", -1.0),
    ("sign(x)", 0.0),
    ("sign(x)**2", 0.0),  # the same limit on both sides, and another value
    ("x**2/abs(x)", 0.0),  # none
    ("1/abs(x)", 0.0),
    ("log(abs(x))", 0.0),
    ("sqrt(x)", 0.0),
    ("sqrt(abs(x))", 0.0),  # infinite slopes
    ("x*log(abs(x))", 0.0),
]


@pytest.mark.parametrize(("text", "x"), REFUSED)
def test_no_slopes_where_there_are_none(text, x):
    with pytest.raises(ValueError, match="not continuous"):
        one_sided_derivatives(parse(text), x)


@pytest.mark.parametrize(
    ("text", "x", "sides"),
    [
        ("x*sign(x)", 0.0, (-1, 1)),
        ("sqrt(x**2)", 0.0, (-1, 1)),
        ("abs(x - 0.1)", 0.1, (-1, 1)),  # at 1/10, which is no double
        ("abs(x - 1e300)", 1e300, (-1, 1)),
        ("abs(x - 5e-324)", 5e-324, (-1, 1)),
        ("abs(sin(pi*x))", 3.0, (-math.pi, math.pi)),
    ],
)
def test_slopes_at_kinks_that_are_hard_to_see(text, x, sides):
    assert one_sided_derivatives(parse(text), x) == sides


def test_a_kink_between_and_beyond_the_numbers_of_a_dtype():
    def rows(text, x, dtypes):
        table = kink_table(expression_subject("f", parse(text)), [x], dtypes)
        return table.set_index("method").loc["reverse_mode"]

    assert rows("abs(x - 0.1)", 0.1, ["float16", "float64"])["in_subdifferential"].all()
    assert rows("x*abs(x - 300.1)", 300.1, ["bfloat16"])["in_subdifferential"]
    beyond = rows("abs(x - 1e5)", 1e5, ["float16", "float32"]).set_index("dtype")
    assert beyond.loc["float16", "note"] == "100000 is beyond float16"
    assert beyond.loc["float16", "in_subdifferential"] is None
    assert beyond.loc["float32", "in_subdifferential"]
