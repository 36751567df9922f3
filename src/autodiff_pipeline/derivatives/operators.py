"""Torch's differentiable operators of one variable: what each means, and where it is interesting.

An operator is named by its call in the grammar of expressions: ``tanh`` is tanh(x), and parameters
are given as in torch, ``softplus(x, 2)``. What it means is the function that torch documents, as
`expressions.functions` writes it down; torch's own code for it is what `expressions.tensors` calls.
A test finds out what torch offers and compares. Imports no torch.
"""

from typing import NamedTuple

from autodiff_pipeline.expressions.functions import FUNCTIONS
from autodiff_pipeline.expressions.grammar import Expression, Name, Operation, parse
from autodiff_pipeline.expressions.tree import contains_x

Interval = tuple[float, float]


class Operator(NamedTuple):
    """An operator of torch."""

    call: str  # in the grammar
    family: str  # of operators that are shown together
    interval: Interval  # where its curve is looked at
    range: Interval  # where its accuracy is measured: as far as something happens


_FAMILIES: dict[str, dict[str, tuple[Interval, Interval]]] = {
    "trigonometric": {
        "acos": ((-0.99, 0.99), (-1, 1)),
        "asin": ((-0.99, 0.99), (-1, 1)),
        "atan": ((-5, 5), (-1e300, 1e300)),
        "atan2(x, 2)": ((-5, 5), (-1e300, 1e300)),
        "cos": ((-10, 10), (-1e6, 1e6)),
        "deg2rad": ((-180, 180), (-1000, 1000)),
        "rad2deg": ((-5, 5), (-1000, 1000)),
        "sin": ((-10, 10), (-1e6, 1e6)),
        "sinc": ((-5, 5), (-30, 30)),
        "tan": ((-1.5, 1.5), (-10, 10)),
    },
    "hyperbolic": {
        "acosh": ((1.01, 10), (1, 1e300)),
        "asinh": ((-5, 5), (-1e300, 1e300)),
        "atanh": ((-0.99, 0.99), (-1, 1)),
        "cosh": ((-5, 5), (-720, 720)),
        "sinh": ((-5, 5), (-720, 720)),
        "tanh": ((-5, 5), (-60, 60)),
    },
    "exponential and logarithm": {
        "bce_with_logits(x, 1)": ((-10, 10), (-750, 750)),
        "exp": ((-5, 5), (-750, 720)),
        "exp2": ((-5, 5), (-1080, 1030)),
        "expit": ((-10, 10), (-750, 750)),
        "expm1": ((-5, 5), (-750, 720)),
        "log": ((0.1, 10), (0, 1e30)),
        "log10": ((0.1, 10), (0, 1e30)),
        "log1p": ((-0.9, 10), (-1, 1e30)),
        "log2": ((0.1, 10), (0, 1e30)),
        "log_softmax(x, 0)": ((-10, 10), (-750, 750)),
        "logaddexp(x, 0)": ((-10, 10), (-750, 750)),
        "logit": ((0.01, 0.99), (0, 1)),
        "logsigmoid": ((-10, 10), (-750, 750)),
        "sigmoid": ((-10, 10), (-750, 750)),
        "xlog1py(x, 2)": ((-5, 5), (-100, 100)),
        "xlogy(x, 2)": ((-5, 5), (-100, 100)),
    },
    "power": {
        "hypot(x, 2)": ((-5, 5), (-1e300, 1e300)),
        "ldexp(x, -1)": ((-5, 5), (-5, 5)),
        "pow(x, 2.5)": ((0.1, 5), (0, 1e10)),
        "pow(2, x)": ((-5, 5), (-1080, 1030)),
        "reciprocal": ((0.1, 5), (1e-10, 1e10)),
        "rsqrt": ((0.1, 5), (0, 1e10)),
        "sqrt": ((0.1, 5), (0, 1e10)),
        "square": ((-5, 5), (-1e10, 1e10)),
    },
    "activation": {
        "celu": ((-5, 5), (-750, 750)),
        "elu": ((-5, 5), (-750, 750)),
        "gelu": ((-5, 5), (-40, 40)),
        "gelu_tanh": ((-5, 5), (-1e300, 1e300)),
        "mish": ((-10, 10), (-750, 750)),
        "selu": ((-5, 5), (-750, 750)),
        "silu": ((-10, 10), (-750, 750)),
        "softplus": ((-10, 10), (-750, 750)),
        "softplus(x, 1, 100)": ((-10, 10), (-750, 750)),
        "softplus(x, 2)": ((-10, 10), (-380, 380)),
        "softsign": ((-5, 5), (-1e10, 1e10)),
        "tanhshrink": ((-5, 5), (-30, 30)),
    },
    "special": {
        "digamma": ((0.1, 5), (-4, 200)),
        "entr": ((0.1, 5), (0, 1000)),
        "erf": ((-5, 5), (-28, 28)),
        "erfc": ((-5, 5), (-28, 28)),
        "erfcx": ((-5, 5), (-27, 1000)),
        "erfinv": ((-0.99, 0.99), (-1, 1)),
        "gammainc(1, x)": ((0.1, 5), (0, 750)),
        "i0": ((-5, 5), (-720, 720)),
        "i0e": ((-5, 5), (-1000, 1000)),
        "i1": ((-5, 5), (-720, 720)),
        "i1e": ((-5, 5), (-1000, 1000)),
        "lgamma": ((0.1, 5), (-4, 200)),
        "log_ndtr": ((-5, 5), (-60_000, 40)),
        "ndtr": ((-5, 5), (-40, 40)),
        "ndtri": ((0.01, 0.99), (0, 1)),
        "polygamma(1, x)": ((0.1, 5), (-4, 200)),
        "polygamma(2, x)": ((0.1, 5), (-4, 200)),
    },
    "piecewise": {
        "abs": ((-5, 5), (-5, 5)),
        "clamp(x, -1, 1)": ((-5, 5), (-5, 5)),
        "hardshrink": ((-5, 5), (-5, 5)),
        "hardsigmoid": ((-5, 5), (-5, 5)),
        "hardswish": ((-5, 5), (-5, 5)),
        "hardtanh": ((-5, 5), (-5, 5)),
        "leaky_relu": ((-5, 5), (-5, 5)),
        "max(x, 0)": ((-5, 5), (-5, 5)),
        "min(x, 0)": ((-5, 5), (-5, 5)),
        "relu": ((-5, 5), (-5, 5)),
        "relu6": ((-8, 8), (-8, 8)),
        "softshrink": ((-5, 5), (-5, 5)),
    },
    "rounding": {
        "ceil": ((-5, 5), (-5, 5)),
        "floor": ((-5, 5), (-5, 5)),
        "frac": ((-5, 5), (-5, 5)),
        "round": ((-5, 5), (-5, 5)),
        "sign": ((-5, 5), (-5, 5)),
        "trunc": ((-5, 5), (-5, 5)),
    },
}

# Functions of two arguments beside these, by the family that each would be shown with.
_FURTHER = {
    "exponential and logarithm": "bce logaddexp2 logsumexp soft_margin_loss softmax",
    "power": "norm",
    "activation": "glu",
    "special": "gammaincc zeta",
    "rounding": "fmod remainder",
}


def operator_expression(name: str) -> Expression:
    """What an operator means: ``tanh`` is tanh(x), a call is what it says.

    Raises ValueError where torch has no such operator, and for what is no call of one on x.
    """
    called = name.split("(")[0].strip()
    if called not in FUNCTIONS or called in ("step", "where"):
        raise ValueError(f"torch has no operator {called}; {_such_as()}")
    expression = parse(name if "(" in name else f"{name}(x)")
    match expression:
        case Operation(arguments=arguments):
            on_x = [argument for argument in arguments if contains_x(argument)]
            if on_x == [Name("x")] and expression.name == called:
                return expression
    raise ValueError(f"give an operator called on x and on constants, {_such_as()}")


def called_operator(expression: Expression) -> str | None:
    """The name of the operator that an expression is, as in OPERATORS; None where it is none."""
    match expression:
        case Operation():
            return _NAMES.get(expression)
    return None


def family_of(text: str, operator: str | None) -> str:
    """The family that a function, the text of an expression, is shown with: one of FAMILIES.

    It is that of the operator that is measured beside it, or of the operator that it is; a function
    of several operations is a composition.
    """
    if operator:
        return _FAMILY_OF[operator.split("(")[0].strip()]
    match parse(text):
        case Operation(name, arguments) if name in _FAMILY_OF:
            if [each for each in arguments if contains_x(each)] == [Name("x")]:
                return _FAMILY_OF[name]
    return COMPOSITION


def _such_as() -> str:
    return "such as tanh, logsigmoid or softplus(x, 2)"


def _operator(name: str, family: str, interval: Interval, range: Interval) -> Operator:
    return Operator(name if "(" in name else f"{name}(x)", family, interval, range)


OPERATORS = {
    name: _operator(name, family, *intervals)
    for family, operators in _FAMILIES.items()
    for name, intervals in operators.items()
}

_NAMES = {operator_expression(name): name for name in OPERATORS}
COMPOSITION = "composition"
FAMILIES = [*_FAMILIES, COMPOSITION]  # in the order in which they are shown
_FAMILY_OF = {
    **{name.split("(")[0]: operator.family for name, operator in OPERATORS.items()},
    **{name: family for family, names in _FURTHER.items() for name in names.split()},
}
