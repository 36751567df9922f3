"""The functions of the grammar: their arguments, and what most of them mean in terms of others.

A call such as ``softplus(x, 2)`` may leave out arguments from the right that have a default here;
those are parameters and must be constants. Each arithmetic computes the PRIMITIVES by itself. What
is in DEFINITIONS it may leave to the definition: the mathematical function that torch documents,
written so that it loses no relative accuracy where the function decays.
"""

import ast
from fractions import Fraction
from typing import NamedTuple

PRIMITIVES = [
    *(
        f"{name}(x)"
        for name in (
            "abs acos acosh asin asinh atan atanh ceil cos cosh erf erfc erfcx erfinv exp expm1 "
            "floor i0 i0e i1 i1e lgamma log log1p log_ndtr ndtr ndtri relu round sigmoid sign sin "
            "sinc sinh sqrt step tan tanh trunc"
        ).split()
    ),
    "atan2(y, x)",
    "logaddexp(x, y)",
    "polygamma(n, x)",
    "where(condition, x, y)",
    "xlog1py(x, y)",
    "xlogy(x, y)",
]

DEFINITIONS = {
    "celu(x, alpha=1)": "where(x > 0, x, alpha*expm1(x/alpha))",
    "clamp(x, low, high)": "min(max(x, low), high)",
    "deg2rad(x)": "x*pi/180",
    "digamma(x)": "polygamma(0, x)",
    "elu(x, alpha=1)": "where(x > 0, x, alpha*expm1(x))",
    "entr(x)": "-xlogy(x, x)",
    "exp2(x)": "2**x",
    "expit(x)": "sigmoid(x)",
    "frac(x)": "x - trunc(x)",
    "gelu(x)": "x*ndtr(x)",
    "gelu_tanh(x)": "x*sigmoid(2*sqrt(2/pi)*(x + 0.044715*x**3))",
    "hardshrink(x, width=0.5)": "where(x > width, x, where(x < -width, x, 0))",
    "hardsigmoid(x)": "clamp(x + 3, 0, 6)/6",
    "hardswish(x)": "x*clamp(x + 3, 0, 6)/6",
    "hardtanh(x, low=-1, high=1)": "clamp(x, low, high)",
    "hypot(x, y)": "sqrt(x**2 + y**2)",
    "leaky_relu(x, slope=0.01)": "where(x > 0, x, slope*x)",
    "log10(x)": "log(x)/log(10)",
    "log2(x)": "log(x)/log(2)",
    "logit(x)": "log(x/(1 - x))",
    "logsigmoid(x)": "-softplus(-x)",
    "max(x, y)": "where(x < y, y, x)",
    "min(x, y)": "where(y < x, y, x)",
    "mish(x)": "x*tanh(softplus(x))",
    "pow(x, y)": "x**y",
    "rad2deg(x)": "x*180/pi",
    "reciprocal(x)": "1/x",
    "relu6(x)": "clamp(x, 0, 6)",
    "rsqrt(x)": "1/sqrt(x)",
    # Klambauer et al. 2017; the digits that torch documents
    "selu(x)": (
        "1.0507009873554804934193349852946"
        "*where(x > 0, x, 1.6732632423543772848170429916717*expm1(x))"
    ),
    "silu(x)": "x*sigmoid(x)",
    "softplus(x, beta=1, threshold=20)": "logaddexp(beta*x, 0)/beta",  # the threshold is torch's
    "softshrink(x, width=0.5)": "where(x > width, x - width, where(x < -width, x + width, 0))",
    "softsign(x)": "x/(1 + abs(x))",
    "square(x)": "x**2",
    "tanhshrink(x)": "x - tanh(x)",
}


class Signature(NamedTuple):
    """The arguments of a function; the last ones, the parameters, have defaults."""

    arguments: tuple[str, ...]
    defaults: tuple[Fraction, ...]

    @property
    def required(self) -> int:
        """How many arguments must be given."""
        return len(self.arguments) - len(self.defaults)


def _signature(text: str) -> tuple[str, Signature]:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call)
    parameters = [keyword.arg or "" for keyword in call.keywords]
    defaults = [Fraction(ast.unparse(keyword.value)) for keyword in call.keywords]
    arguments = (*map(ast.unparse, call.args), *parameters)
    return ast.unparse(call.func), Signature(arguments, tuple(defaults))


SIGNATURES = dict(sorted(map(_signature, [*PRIMITIVES, *DEFINITIONS])))
FUNCTIONS = list(SIGNATURES)
