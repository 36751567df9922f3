import pytest

from autodiff_pipeline.expressions.balls import why_undefined
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.special_points import special_points


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("x**3 + exp(x)", []),
        ("abs(x - 0.1)", [0.1]),
        ("relu6(2*x)", [0, 3]),
        ("hardswish(x)", [-3, 3]),
        ("softshrink(x, 0.3)", [-0.3, 0.3]),
        ("softplus(2*x)", [10]),
        ("softplus(x, 2, 100)", [50]),
        ("softplus(x, 2, 100) + softplus(x)", [20, 50]),
        ("sin(x)/x", [0]),
        ("1/(x**2 - 2)", [-1.414213562373095, 1.4142135623730951]),
        ("log(exp(x) - 2)", [0.6931471805599454]),
        ("asin(x/3)", [-3, 3]),
        ("x**-2 + (x - 1)**0.5", [0, 1]),
        ("logit(x)", [0, 1]),
        ("sinc(2*x - 1)", [0.5]),
        ("lgamma(x)", [-2, -1, 0]),
        ("polygamma(1, x)", [-2, -1, 0]),
        ("floor(2*x)", [-1, -0.5, 0, 0.5, 1]),
        ("where(x**2 < 4, 1, x)", [-2, 2]),
        ("max(x, x**2)", [0, 1]),
        ("xlogy(x, x + 1) + xlog1py(x, x - 3)", [-1, 2]),
        ("1/(1 + exp(-x))", []),
        ("sqrt(x - 1e300*1e300)", []),  # beyond doubles
        ("abs(3) + 1/2", []),
    ],
)
def test_special_points(text, points):
    assert special_points(parse(text)) == pytest.approx(points, rel=1e-14, abs=0)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "acos(x)",
            "acosh(x)",
            "atanh(x)",
            "ceil(x)",
            "celu(x)",
            "elu(x)",
            "entr(x)",
            "erfinv(x)",
        ),
        *("frac(x)", "hardshrink(x)", "hardsigmoid(x)", "hardtanh(x)", "hypot(x, 0)", "i0e(x)"),
        *("i1e(x)", "leaky_relu(x)", "log10(x)", "log1p(x)", "ndtri(x)", "reciprocal(x)"),
        *("relu(x)", "round(x)", "rsqrt(x)", "selu(x)", "sign(x)", "softsign(x)", "sqrt(x)"),
        *("step(x)", "atan2(x, -2)"),
    ],
)
def test_what_is_special_about_a_function_is_found(text):
    found = special_points(parse(text))
    assert any(why_undefined(parse(text), x, 128) for x in found)
    grid = [n / 4 for n in range(-8, 9)]  # nothing else there
    for x in grid:
        assert x in found or why_undefined(parse(text), x, 128) in ("", "outside the domain")
