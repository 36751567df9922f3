"""The functions of the grammar: their arguments, and what most of them mean in terms of others.

A call such as ``softplus(x, 2)`` may leave out arguments from the right that have a default here;
those are parameters and must be constants. Each arithmetic computes the PRIMITIVES by itself. What
is in DEFINITIONS it may leave to the definition: the mathematical function that torch documents,
written so that it loses no relative accuracy where the function decays.
"""

import ast
from collections.abc import Callable
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
    "gammainc(a, x)",
    "gammaincc(a, x)",
    "logaddexp(x, y)",
    "polygamma(n, x)",
    "where(condition, x, y)",
    "xlog1py(x, y)",
    "xlogy(x, y)",
    "zeta(s, x)",
]

DEFINITIONS = {
    # torch documents that it clamps the logarithms
    "bce(x, target)": (
        "where(0 < target, -target*max(log(x), -100), 0)"
        " + where(target < 1, (target - 1)*max(log1p(-x), -100), 0)"
    ),
    "bce_with_logits(x, target)": "target*logaddexp(-x, 0) + (1 - target)*logaddexp(x, 0)",
    "celu(x, alpha=1)": "where(x > 0, x, alpha*expm1(x/alpha))",
    "clamp(x, low, high)": "min(max(x, low), high)",
    "deg2rad(x)": "x*pi/180",
    "digamma(x)": "polygamma(0, x)",
    "elu(x, alpha=1)": "where(x > 0, x, alpha*expm1(x))",
    "entr(x)": "-xlogy(x, x)",
    "exp2(x)": "2**x",
    "expit(x)": "sigmoid(x)",
    "fmod(x, y)": "x - y*trunc(x/y)",
    "frac(x)": "x - trunc(x)",
    "gelu(x)": "x*ndtr(x)",
    "gelu_tanh(x)": "x*sigmoid(2*sqrt(2/pi)*(x + 0.044715*x**3))",
    "glu(x, y)": "x*sigmoid(y)",
    "hardshrink(x, width=0.5)": "where(x > width, x, where(x < -width, x, 0))",
    "hardsigmoid(x)": "clamp(x + 3, 0, 6)/6",
    "hardswish(x)": "x*clamp(x + 3, 0, 6)/6",
    "hardtanh(x, low=-1, high=1)": "clamp(x, low, high)",
    "hypot(x, y)": "sqrt(x**2 + y**2)",
    "ldexp(x, n)": "x*2**n",
    "leaky_relu(x, slope=0.01)": "where(x > 0, x, slope*x)",
    "log10(x)": "log(x)/log(10)",
    "log2(x)": "log(x)/log(2)",
    "log_softmax(x, y)": "-logaddexp(y - x, 0)",  # the first entry, of two logits
    "logaddexp2(x, y)": "logaddexp(x*log(2), y*log(2))/log(2)",
    "logit(x)": "log(x/(1 - x))",
    "logsigmoid(x)": "-softplus(-x)",
    "logsumexp(x, y)": "logaddexp(x, y)",
    "max(x, y)": "where(x < y, y, x)",
    "min(x, y)": "where(y < x, y, x)",
    "mish(x)": "x*tanh(softplus(x))",
    "norm(x, y)": "sqrt(x**2 + y**2)",
    "pow(x, y)": "x**y",
    "rad2deg(x)": "x*180/pi",
    "reciprocal(x)": "1/x",
    "relu6(x)": "clamp(x, 0, 6)",
    "remainder(x, y)": "x - y*floor(x/y)",
    "rsqrt(x)": "1/sqrt(x)",
    # Klambauer et al. 2017; the digits that torch documents
    "selu(x)": (
        "1.0507009873554804934193349852946"
        "*where(x > 0, x, 1.6732632423543772848170429916717*expm1(x))"
    ),
    "silu(x)": "x*sigmoid(x)",
    "soft_margin_loss(x, target)": "logaddexp(-target*x, 0)",
    "softmax(x, y)": "sigmoid(x - y)",  # the first entry, of two logits
    "softplus(x, beta=1, threshold=20)": "logaddexp(beta*x, 0)/beta",  # the threshold is torch's
    "softshrink(x, width=0.5)": "where(x > width, x - width, where(x < -width, x + width, 0))",
    "softsign(x)": "x/(1 + abs(x))",
    "square(x)": "x**2",
    "tanhshrink(x)": "x - tanh(x)",
}


class Number(NamedTuple):
    """An argument that must be written as a number, of those that the function is meant for."""

    place: int  # of the argument
    allowed: Callable[[Fraction], bool]
    description: str


MAXIMUM_POLYGAMMA = 20  # the highest order
_POSITIVE = Number(0, lambda a: 0 < a <= 1000, "a positive number up to 1000")
_LABEL = Number(1, lambda target: 0 <= target <= 1, "a number from 0 to 1")
NUMBERS = {
    "bce": _LABEL,
    "bce_with_logits": _LABEL,
    "gammainc": _POSITIVE,
    "gammaincc": _POSITIVE,
    "ldexp": Number(1, lambda n: n.denominator == 1 and abs(n) <= 2000, "an integer up to 2000"),
    "polygamma": Number(
        0,
        lambda n: n.denominator == 1 and 0 <= n <= MAXIMUM_POLYGAMMA,
        f"0, 1, ... {MAXIMUM_POLYGAMMA}",
    ),
    "soft_margin_loss": Number(1, lambda target: abs(target) == 1, "1 or -1"),
    "zeta": Number(0, lambda s: 1 < s <= 1000, "a number above 1, up to 1000"),
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
