"""The registry of operators against what torch offers, found by trying."""

import warnings
from functools import cache
from pathlib import Path

import pytest
import torch
import yaml
from expressions.limits import in_mpmath
from mpmath import mpf, workprec
from torch.nn import functional

from autodiff_pipeline.configuration.derivatives import Function
from autodiff_pipeline.derivatives.operators import (
    FAMILIES,
    OPERATORS,
    family_of,
    operator_expression,
)
from autodiff_pipeline.derivatives.subject import operator_subject
from autodiff_pipeline.expressions.functions import FUNCTIONS, SIGNATURES
from autodiff_pipeline.expressions.grammar import parse

MODULES = (torch, torch.special, functional)
X = torch.tensor([0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85], dtype=torch.float64)
OTHER_NAMES = {  # of operators in the registry
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctanh": "atanh",
    "fix": "trunc",
    "gammaln": "lgamma",
    "psi": "digamma",
    "sgn": "sign",
}
IDENTITIES = (
    "alias_copy alpha_dropout as_tensor asarray atleast_1d cartesian_prod clone conj conj_physical "
    "feature_alpha_dropout flatten nan_to_num positive ravel real resolve_conj resolve_neg "
    "slice_copy squeeze squeeze_copy sym_sum t t_copy"
).split()  # by default, and of real vectors
EXCLUDED = {
    **dict.fromkeys(IDENTITIES, "x itself"),
    "angle": "0 or pi, for complex numbers",
    "neg": "-x",
    "negative": "-x",
    "norm_except_dim": "of a vector, abs",
    "rrelu": "leaky_relu(x, 11/48), unless it is random",
}
NOT_CALLED = ("set_", "use_", "is_", "init", "manual")  # they change or ask torch's own state


def is_elementwise(function):
    """Differentiable, and each element of the result depends on its own x alone."""
    x = X.clone().requires_grad_()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = function(x)
            (gradient,) = torch.autograd.grad(y.sum(), x)
            pairs = [
                (function(x), y),
                (function(x.flip(0)), y.flip(0)),
                (function(x[:3]), y[:3]),
                (function(x[4:7]), y[4:7]),
            ]
    except Exception:  # whatever torch raises for what is no such function
        return False
    shapes = gradient.shape == y.shape == x.shape and y.dtype == x.dtype
    return shapes and all(torch.allclose(a, b, equal_nan=True) for a, b in pairs)


@cache
def offered():
    """Torch's elementwise, differentiable functions of one tensor, by their names."""
    found = {}
    for module in MODULES:
        for name in dir(module):
            function = getattr(module, name)
            inner = name.startswith(("_", *NOT_CALLED)) or name.endswith("_")
            if inner or not callable(function) or isinstance(function, type) or name in found:
                continue
            if is_elementwise(function):
                found[name] = function
    return found


def test_every_operator_that_torch_offers_is_registered_or_left_out_for_a_reason():
    unknown = set(offered()) - set(OPERATORS) - set(OTHER_NAMES) - set(EXCLUDED)
    assert not unknown, f"new in torch {torch.__version__}: {sorted(unknown)}"


def test_everything_registered_and_left_out_is_offered():
    one_argument = {name for name in OPERATORS if "(" not in name} - {"gelu_tanh"}
    assert one_argument | set(OTHER_NAMES) | set(EXCLUDED) == set(offered())


@pytest.mark.parametrize(("name", "operator"), OTHER_NAMES.items())
def test_other_names_are_the_same_function(name, operator):
    x = torch.cat([X, X + 1, -X])
    mine = operator_subject(operator, operator_expression(operator)).function(x)
    torch.testing.assert_close(offered()[name](x), mine, rtol=0, atol=0, equal_nan=True)


@pytest.mark.parametrize("name", EXCLUDED)
def test_what_is_left_out_is_what_is_said_of_it(name):
    meaning = {
        "x itself": lambda x: x,
        "-x": lambda x: -x,
        "0 or pi, for complex numbers": lambda x: torch.where(x < 0, torch.pi, 0.0),
        "of a vector, abs": torch.abs,
        "leaky_relu(x, 11/48), unless it is random": lambda x: torch.where(x < 0, 11 / 48 * x, x),
    }[EXCLUDED[name]]
    x = torch.cat([X, X + 1, -X])
    torch.testing.assert_close(offered()[name](x), meaning(x), check_dtype=False)


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_compute_what_they_mean(name):
    operator = OPERATORS[name]
    x = torch.linspace(*operator.interval, 13, dtype=torch.float64) + 0.003
    value = operator_subject(name, parse(operator.call)).function(x)
    with workprec(200):
        function = in_mpmath(parse(operator.call))
        expected = [float(function(mpf(each))) for each in x.tolist()]
    expected = torch.tensor(expected, dtype=torch.float64)
    # torch's polygamma is right to 9 digits, softplus beyond its threshold too
    torch.testing.assert_close(value, expected, rtol=1e-8, atol=1e-13)


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_can_be_a_function_of_the_configuration(name):
    operator = OPERATORS[name]
    Function(
        expression=operator.call,
        interval=operator.interval,
        range=operator.range,
        operator=name,
    )


def test_every_operator_is_in_the_default_configuration():
    path = Path(__file__).parents[2] / "config.yaml"
    functions = yaml.safe_load(path.read_text())["derivatives"]["functions"].values()
    measured = {function.get("operator") for function in functions}
    measured |= {function["expression"] for function in functions}
    missing = {name for name, each in OPERATORS.items() if not {name, each.call} & measured}
    assert not missing


def test_every_function_of_the_grammar_is_torchs_and_has_a_family_but_step_and_where():
    for name in set(FUNCTIONS) - {"step", "where"}:
        arguments = len(SIGNATURES[name].arguments)
        place = 1 if name in ("gammainc", "gammaincc", "polygamma", "zeta") else 0
        values = ["x" if i == place else "2" for i in range(arguments)]
        if name in ("bce", "bce_with_logits", "soft_margin_loss"):
            values[1] = "1"
        call = f"{name}({', '.join(values)})"
        assert operator_expression(call) == parse(call)
        assert family_of(call, call) in FAMILIES


@pytest.mark.parametrize("name", ["softplus(x, 3, 15)", "polygamma(3, x)", "atan2(1, x)"])
def test_other_parameters_make_other_operators(name):
    expression = operator_expression(name)
    assert operator_subject(name, expression).name == f"torch.{name}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tanhh", "torch has no operator tanhh"),
        ("step", "torch has no operator step"),
        ("where(x < 1, x, 1)", "torch has no operator where"),
        ("tanh(2*x)", "called on x and on constants"),
        ("max(x, x)", "called on x and on constants"),
        ("tanh(1)", "called on x and on constants"),
        ("tanh(x) + 1", "called on x and on constants"),
        ("atan2", "calls atan2 with other than 2 arguments"),
    ],
)
def test_what_is_no_operator_is_refused_in_one_sentence(name, said):
    with pytest.raises(ValueError, match=said.replace("(", r"\(")) as caught:
        operator_expression(name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "operator", "family"),
    [
        ("sin(x)", None, "trigonometric"),
        ("1/(1 + exp(-x))", "sigmoid", "exponential and logarithm"),
        ("softplus(x, 3)", "softplus(x, 3)", "activation"),
        ("sin(2*x)", None, "composition"),
        ("x**2", None, "composition"),
        ("x", None, "composition"),
    ],
)
def test_a_function_is_shown_with_its_family(text, operator, family):
    assert family_of(text, operator) == family
    assert family in FAMILIES
