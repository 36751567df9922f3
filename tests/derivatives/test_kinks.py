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
