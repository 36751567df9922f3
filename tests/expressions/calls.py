"""Calls of every function of the grammar, with every kind of argument that it has."""

from autodiff_pipeline.expressions.grammar import FUNCTIONS

_CALLS = {
    "atan2": ["atan2(x, 2)", "atan2(2, x)", "atan2(x, -2)", "atan2(x, x + 1)"],
    "bce": ["bce(x, 1)", "bce(x, 0)", "bce(x, 0.25)"],
    "bce_with_logits": ["bce_with_logits(x, 1)", "bce_with_logits(x, 0.25)"],
    "celu": ["celu(x)", "celu(x, 2.5)"],
    "clamp": ["clamp(x, -1, 0.6)", "clamp(x, 0.25, x**2)"],
    "elu": ["elu(x)", "elu(x, 2.5)"],
    "fmod": ["fmod(x, 2)", "fmod(5, x)", "fmod(x, -0.75)"],
    "gammainc": ["gammainc(1, x)", "gammainc(0.5, x)", "gammainc(3, x)"],
    "gammaincc": ["gammaincc(2, x)", "gammaincc(2.5, x)"],
    "glu": ["glu(2, x)", "glu(x, x)"],
    "hardshrink": ["hardshrink(x)", "hardshrink(x, 0.1)"],
    "hardtanh": ["hardtanh(x)", "hardtanh(x, -2)", "hardtanh(x, -2, 0.1)"],
    "hypot": ["hypot(x, 2)", "hypot(1, x)"],
    "ldexp": ["ldexp(x, -2)", "ldexp(x, 3)"],
    "leaky_relu": ["leaky_relu(x)", "leaky_relu(x, 0.2)"],
    "log_softmax": ["log_softmax(x, 0)", "log_softmax(-1, x)", "log_softmax(x, -x)"],
    "logaddexp2": ["logaddexp2(x, 0)", "logaddexp2(x, -x)"],
    "logsumexp": ["logsumexp(x, 0)", "logsumexp(2*x, x)"],
    "logaddexp": ["logaddexp(x, 0)", "logaddexp(-2, x)", "logaddexp(x, -x)"],
    "max": ["max(x, 1)", "max(x, x**2)"],
    "min": ["min(1, x)", "min(x, x**2)"],
    "norm": ["norm(x, 2)", "norm(1, x)"],
    "polygamma": ["polygamma(1, x)", "polygamma(3, x)"],
    "pow": ["pow(x, 2.5)", "pow(x, -3)", "pow(2, x)", "pow(x, x)"],
    "remainder": ["remainder(x, 2)", "remainder(5, x)", "remainder(x, -0.75)"],
    "soft_margin_loss": ["soft_margin_loss(x, 1)", "soft_margin_loss(x, -1)"],
    "softmax": ["softmax(x, 0)", "softmax(-1, x)", "softmax(x, -x)"],
    "softplus": ["softplus(x)", "softplus(x, 2)", "softplus(x, 0.1, 100)"],
    "softshrink": ["softshrink(x)", "softshrink(x, 0.1)"],
    "where": ["where(x < 1.5, x**2, x)", "where(x >= 0, sqrt(x), log(-x))"],
    "xlog1py": ["xlog1py(x, 2)", "xlog1py(2, x)", "xlog1py(x, x)"],
    "xlogy": ["xlogy(x, 2)", "xlogy(2, x)", "xlogy(0, x)"],
    "zeta": ["zeta(2, x)", "zeta(1.5, x)"],
}
CALLS = {name: _CALLS.get(name, [f"{name}(x)"]) for name in FUNCTIONS}
EVERY_CALL = [call for calls in CALLS.values() for call in calls]
