import math
import re
from fractions import Fraction

import pytest
import torch
from expressions.calls import CALLS, EVERY_CALL
from hypothesis import given
from hypothesis import strategies as st

from autodiff_pipeline.expressions.balls import BALLS, derivative_balls
from autodiff_pipeline.expressions.grammar import (
    FUNCTIONS,
    OPERATORS,
    Constant,
    ExpressionError,
    as_function,
    definition,
    in_primitives,
    operations_of,
    parse,
    shortened,
)
from autodiff_pipeline.expressions.reals import REALS, undefined_points
from autodiff_pipeline.expressions.symbols import derivative
from autodiff_pipeline.expressions.tensors import TENSORS, tensor_function

numbers = st.floats(-100, 100).map(lambda value: round(value, 3))
formulas = st.recursive(
    st.just("x") | numbers.map(repr),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
        | st.tuples(st.sampled_from(["sin", "tanh", "cos", "atan"]), inner).map(
            lambda t: f"{t[0]}({t[1]})"
        )
        | inner.map(lambda text: f"-{text}" if text.startswith("(") else f"-({text})")
    ),
    max_leaves=8,
)


@given(formulas, st.floats(-3, 3))
def test_evaluates_as_python_would(formula, x):
    # Python's own evaluation is the independent source; the formulas are made here, not read.
    expected = eval(formula, {"__builtins__": {}}, {**vars(math), "x": x})
    assert as_function(parse(formula), REALS)(x) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(formulas, st.floats(-3, 3))
def test_tensors_agree_with_floats(formula, x):
    value = tensor_function(parse(formula))(torch.tensor([x], dtype=torch.float64))
    assert value.shape == (1,)
    expected = as_function(parse(formula), REALS)(x)
    assert value.item() == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_operators_bind_as_in_python():
    assert as_function(parse("-x**2 + 2*3**2/4 - +x"), REALS)(3.0) == -9 + 4.5 - 3


@pytest.mark.parametrize("text", EVERY_CALL)
def test_every_function_agrees_between_arithmetics(text):
    x = torch.linspace(1.1, 1.9, 5, dtype=torch.float64)
    if text.startswith(("acos(", "asin(", "atanh", "bce(", "erfinv", "logit", "ndtri")):
        x = x - 1
    expected = [as_function(parse(text), REALS)(value) for value in x.tolist()]
    torch.testing.assert_close(
        tensor_function(parse(text))(x), torch.tensor(expected, dtype=x.dtype)
    )


@pytest.mark.parametrize("arithmetic", [REALS, BALLS])
def test_arithmetics_cover_the_grammar(arithmetic):
    primitives = {name for name in FUNCTIONS if definition(name) is None}
    assert {*primitives, *OPERATORS.values()} <= set(arithmetic.operations)


def test_torch_has_every_function():
    assert set(TENSORS.operations) == {*FUNCTIONS, *OPERATORS.values()}


def test_numbers_take_the_dtype_of_the_tensors_beside_them():
    x = torch.tensor([0.5, 2.0], dtype=torch.float16)
    for text in ("max(x, 1)", "where(x < 1, 0, 1)", "clamp(x, 0, x)", "atan2(1, x)", "hypot(x, 1)"):
        assert tensor_function(parse(text))(x).dtype == torch.float16, text
    assert tensor_function(parse("where(x < 1, 0, 1)"))(x).tolist() == [0, 1]
    assert tensor_function(parse("where(2 < 1, x, 3)"))(x).tolist() == [3, 3]


def test_the_branch_that_is_not_taken_is_not_computed():
    assert as_function(parse("where(x < 0, log(-x), log(x))"), REALS)(math.e) == 1


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "==", "!="])
def test_comparisons_are_pythons(sign):
    for x in (0.5, 1.0, 1.5):
        expected = eval(f"2 if x {sign} 1 else 3", {"x": x})
        assert as_function(parse(f"where(x {sign} 1, 2, 3)"), REALS)(x) == expected


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if definition(name)])
def test_primitives_are_what_a_definition_ends_at(name):
    for text in CALLS[name]:
        expanded = in_primitives(parse(text))
        assert not any(map(definition, operations_of(expanded)))
        assert as_function(expanded, REALS)(0.3) == as_function(parse(text), REALS)(0.3)


def test_decimal_constants_keep_all_their_digits():
    assert parse("1.0507009873554804934193349852946") == Constant(
        Fraction("1.0507009873554804934193349852946")
    )


def test_constants_keep_the_dtype_of_x():
    function = tensor_function(parse("2 + 0.5*x - 0.05*x**2 + exp(1)"))
    assert function(torch.ones(3, dtype=torch.float32)).dtype == torch.float32
    assert tensor_function(parse("2"))(torch.zeros(4)).tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2 +", "is not an expression"),
        ("2 * * x", "is not an expression"),
        ("", "is not an expression"),
        ("y + 1", "unknown name 'y'"),
        ("sni(x)", "did you mean 'sin'?"),
        ("eval(x)", "calls the unknown 'eval'"),
        ("x.real", "not allowed"),
        ("x^2", "write powers as x**2"),
        ("'text'", "not allowed"),
        ("True", "not allowed"),
        ("1j", "not allowed"),
        ("x if x else 1", "not allowed"),
        ("[x]", "not allowed"),
        ("sin(x, x)", "other than one argument"),
        ("softplus()", "other than 1 to 3 arguments, softplus(x, beta, threshold)"),
        ("atan2(x)", "other than 2 arguments, atan2(y, x)"),
        ("elu(x, x)", "lets the alpha of elu depend on x; give a constant"),
        ("polygamma(x, 1)", "calls polygamma with another n than 0, 1, ... 20"),
        ("gammainc(x, 1)", "calls gammainc with another a than a positive number up to 1000"),
        ("zeta(1, x)", "calls zeta with another s than a number above 1"),
        ("ldexp(x, 0.5)", "calls ldexp with another n than an integer"),
        ("soft_margin_loss(x, x)", "calls soft_margin_loss with another target than 1 or -1"),
        ("polygamma(-1, x)", "calls polygamma with another n than 0, 1, ... 20"),
        ("where(x, 1, 2)", "calls where without a comparison"),
        ("where(0 < x < 1, 1, 2)", "calls where without a comparison"),
        ("where(x is 0, 1, 2)", "calls where without a comparison"),
        ("1 + (x < 1)", "not allowed here; write one comparison, as the first argument of where"),
        ("threshold", "unknown name 'threshold'"),
        ("sin(a=x)", "other than one argument"),
        ("x < 1", "not allowed"),
        ("1e999", "too large"),
        ("+" * 400 + "x", "nested deeper"),
        ("x**" * 51 + "x", "nested deeper"),
        ("x-(" * 51 + "x" + ")" * 51, "nested deeper"),
        ("(" * 51 + "x" + "*x+x)" * 51, "nested deeper"),
        ("(" * 300 + "x" + ")" * 300, "not an expression"),
        ("x+" * 600 + "x", "too long"),
        ("x\0", "is not an expression"),
    ],
)
def test_refuses_with_one_sentence(text, said):
    with pytest.raises(ExpressionError, match=re.escape(said)) as caught:
        parse(text)
    assert "\n" not in str(caught.value)


LONG = {  # by kind, the longest chain that fits, and its value at x
    "sum": ("+".join(["x"] * 500), lambda x: 500 * x),
    "difference": ("-".join(["x"] * 500), lambda x: -498 * x),
    "product": ("*".join(["x"] * 500), lambda x: x**500),
    "quotient": ("/".join(["x"] * 500), lambda x: x**-498),
    "mixture": ("-x*x/x+x" * 124, lambda x: 0.0),
    "sum of calls": ("+".join(["sin(x)"] * 142), lambda x: 142 * math.sin(x)),
    "constants": ("x+" + "+".join(["1"] * 499), lambda x: x + 499),
}


@pytest.mark.parametrize("kind", LONG)
def test_a_chain_is_no_nesting(kind):
    text, expected = LONG[kind]
    expression = parse(text)
    assert expression == parse(text)
    assert hash(expression) == hash(parse(text))
    assert as_function(expression, REALS)(1.01) == pytest.approx(expected(1.01), abs=1e-10)
    x = torch.tensor([1.01], dtype=torch.float64)
    assert tensor_function(expression)(x).item() == pytest.approx(expected(1.01), abs=1e-10)
    value, slope = derivative_balls(expression, [Fraction(101, 100)], 1, 200)[0]
    assert float(value) == pytest.approx(expected(1.01), abs=1e-12)
    difference = (expected(1.01 + 1e-6) - expected(1.01 - 1e-6)) / 2e-6
    assert float(slope) == pytest.approx(difference, rel=1e-6, abs=1e-6)
    formula = as_function(derivative(expression, 1), REALS)
    assert formula(1.01) == pytest.approx(float(slope), rel=1e-9)


def test_expressions_are_equal_where_their_trees_are():
    assert parse("x - (x - x)") == parse("x-(x-x)")
    assert parse("x - (x - x)") != parse("x - x - x")
    assert parse("-(-x)") != parse("-x")
    assert parse("sin(x)") != parse("x")


@pytest.mark.parametrize(
    "text",
    [
        "[" + "x+" * 499 + "x]",
        "y" * 1000,
        "x+" * 498 + "y",
        "eval" * 200 + "(x)",
        "1e999 + " + "x+" * 400 + "x",
        "2 +\n" * 200 + "* 3",
        "naïve.größe + " * 60 + "x",
    ],
)
def test_a_sentence_shortens_what_it_shows(text):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_a_long_text_is_shown_by_its_ends():
    assert shortened("2 +\n  0.5*x") == "2 + 0.5*x"
    assert shortened("a" * 4000 + "z" * 4000) == "a" * 40 + " ... " + "z" * 15


@pytest.mark.parametrize(
    "text",
    [
        "__import__('pathlib').Path('{marker}').touch()",
        "(lambda: open('{marker}', 'w'))()",
        "().__class__.__base__.__subclasses__()",
        'exec(\'open("{marker}", "w")\')',
        "x.__class__.__init__.__globals__",
        "f\"{{open('{marker}', 'w')}}\"",
    ],
)
def test_never_runs_what_it_reads(text, tmp_path):
    marker = tmp_path / "ran"
    with pytest.raises(ExpressionError):
        parse(text.format(marker=marker))
    assert not marker.exists()


def test_reports_the_points_without_a_value():
    assert undefined_points(parse("log(x)"), [-1.0, 0.0, 1.0]) == [-1.0, 0.0]
    assert undefined_points(parse("1/x"), [-1.0, 0.0]) == [0.0]
    assert undefined_points(parse("x**0.5"), [-4.0, 4.0]) == [-4.0]
    assert undefined_points(parse("10**10**10"), [1.0]) == [1.0]
