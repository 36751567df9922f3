"""Activations whose derivatives are right to a few units in the last place, everywhere.

Automatic differentiation of `torch.tanh` gives 1 - tanh(x)**2, which is 0 from x = 9.01 on in
float32 although the derivative is representable up to x = 52. Here every derivative is written
so that nothing cancels, for float64, and rounded once to float32 and half precision.
"""

from collections.abc import Mapping

from autodiff_pipeline.stable.arithmetic import Elementwise
from autodiff_pipeline.stable.gelu import GELU
from autodiff_pipeline.stable.logistic import SIGMOID, SOFTPLUS, TANH
from autodiff_pipeline.stable.silu import SILU
from autodiff_pipeline.stable.with_derivatives import with_derivatives

# The function and its derivatives, each from float64 to float64.
STABLE_RULES: Mapping[str, tuple[Elementwise, ...]] = {
    "gelu": GELU,
    "sigmoid": SIGMOID,
    "silu": SILU,
    "softplus": SOFTPLUS,
    "tanh": TANH,
}

STABLE_ACTIVATIONS: Mapping[str, Elementwise] = {
    f"stable_{name}": with_derivatives(*rules) for name, rules in STABLE_RULES.items()
}
