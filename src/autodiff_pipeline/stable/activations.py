"""Functions whose derivatives are right to a few units in the last place, everywhere.

Automatic differentiation of `torch.tanh` gives 1 - tanh(x)**2, which is 0 from x = 9.01 on in
float32 (tests/derivatives/test_findings.py), although the derivative is representable up to x = 52,
where 4 exp(-2 x) falls below the smallest number. Here every derivative is written for float64, so
that nothing cancels, and rounded once to float32 and half precision.

How right they are is measured by `autodiff_pipeline.stable.measurement` and the rule
`stable_rules`: `results/reference/stable_rules.csv` has the largest error of every derivative in
every dtype, and tests/stable/test_claims.py measures it again.
"""

from collections.abc import Mapping

from autodiff_pipeline.stable.arithmetic import Elementwise
from autodiff_pipeline.stable.exponentials import ELU, EXP2, EXPM1, SELU
from autodiff_pipeline.stable.gelu import GELU
from autodiff_pipeline.stable.log_ndtr import LOG_NDTR
from autodiff_pipeline.stable.logistic import LOGSIGMOID, SIGMOID, SOFTPLUS, TANH, TANHSHRINK
from autodiff_pipeline.stable.mish import MISH
from autodiff_pipeline.stable.silu import SILU
from autodiff_pipeline.stable.sinc import SINC
from autodiff_pipeline.stable.with_derivatives import WithDerivatives

# The function and its derivatives, each from float64 to float64.
STABLE_RULES: Mapping[str, tuple[Elementwise, ...]] = {
    "elu": ELU,
    "exp2": EXP2,
    "expm1": EXPM1,
    "gelu": GELU,
    "log_ndtr": LOG_NDTR,
    "logsigmoid": LOGSIGMOID,
    "mish": MISH,
    "selu": SELU,
    "sigmoid": SIGMOID,
    "silu": SILU,
    "sinc": SINC,
    "softplus": SOFTPLUS,
    "tanh": TANH,
    "tanhshrink": TANHSHRINK,
}

STABLE_ACTIVATIONS: Mapping[str, WithDerivatives] = {
    f"stable_{name}": WithDerivatives(rules[0], rules[1:]) for name, rules in STABLE_RULES.items()
}
