"""Calls of every function of the grammar, with every kind of argument that it has."""

from autodiff_pipeline.expressions.grammar import FUNCTIONS

_CALLS = {
    "atan2": ["atan2(x, 2)", "atan2(2, x)", "atan2(x, -2)", "atan2(x, x + 1)"],
    "celu": ["celu(x)", "celu(x, 2.5)"],
    "clamp": ["clamp(x, -1, 0.6)", "clamp(x, 0.25, x**2)"],
    "elu": ["elu(x)", "elu(x, 2.5)"],
    "hardshrink": ["hardshrink(x)", "hardshrink(x, 0.1)"],
    "hardtanh": ["hardtanh(x)", "hardtanh(x, -2)", "hardtanh(x, -2, 0.1)"],
    "hypot": ["hypot(x, 2)", "hypot(1, x)"],
    "leaky_relu": ["leaky_relu(x)", "leaky_relu(x, 0.2)"],
    "logaddexp": ["logaddexp(x, 0)", "logaddexp(-2, x)", "logaddexp(x, -x)"],
    "max": ["max(x, 1)", "max(x, x**2)"],
    "min": ["min(1, x)", "min(x, x**2)"],
    "polygamma": ["polygamma(1, x)", "polygamma(3, x)"],
    "pow": ["pow(x, 2.5)", "pow(x, -3)", "pow(2, x)", "pow(x, x)"],
    "softplus": ["softplus(x)", "softplus(x, 2)", "softplus(x, 0.1, 100)"],
    "softshrink": ["softshrink(x)", "softshrink(x, 0.1)"],
    "where": ["where(x < 1.5, x**2, x)", "where(x >= 0, sqrt(x), log(-x))"],
    "xlog1py": ["xlog1py(x, 2)", "xlog1py(2, x)", "xlog1py(x, x)"],
    "xlogy": ["xlogy(x, 2)", "xlogy(2, x)", "xlogy(0, x)"],
}
CALLS = {name: _CALLS.get(name, [f"{name}(x)"]) for name in FUNCTIONS}
EVERY_CALL = [call for calls in CALLS.values() for call in calls]
