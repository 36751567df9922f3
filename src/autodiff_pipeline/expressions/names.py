"""What torch and JAX call those functions of the grammar for which they have a name."""

TORCH_NAMES = {  # of torch's functions, beside those of the grammar
    **{
        name: f"torch.{name}"
        for name in (
            "abs acos acosh asin asinh atan atan2 atanh ceil clamp cos cosh deg2rad digamma "
            "erf erfc erfinv exp exp2 expm1 floor frac hypot i0 lgamma log log10 log1p log2 "
            "logaddexp logit pow rad2deg reciprocal relu round rsqrt sigmoid sign sin sinc "
            "sinh sqrt square tan tanh trunc"
        ).split()
    },
    **{
        name: f"torch.special.{name}"
        for name in "entr erfcx expit i0e i1 i1e log_ndtr ndtr ndtri xlog1py xlogy".split()
    },
    **{
        name: f"torch.nn.functional.{name}"
        for name in (
            "celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish "
            "relu6 selu silu softplus softshrink softsign tanhshrink"
        ).split()
    },
    "max": "torch.maximum",
    "min": "torch.minimum",
}
TAKING_NO_NUMBERS = ("atan2", "hypot", "logaddexp", "max", "min")  # but tensors, in torch

JAX_NAMES = {
    **{
        name: f"jax.numpy.{name}"
        for name in (
            "abs acos acosh asin asinh atan atan2 atanh ceil cos cosh deg2rad exp exp2 expm1 floor "
            "hypot log log10 log1p log2 logaddexp pow rad2deg reciprocal round sign sin sinc sinh "
            "sqrt square tan tanh trunc"
        ).split()
    },
    **{
        name: f"jax.scipy.special.{name}"
        for name in (
            "digamma entr erf erfc erfcx erfinv expit i0 i0e i1 i1e log_ndtr logit ndtr ndtri "
            "xlog1py xlogy"
        ).split()
    },
    **{
        name: f"jax.nn.{name}"
        for name in "celu elu leaky_relu mish relu relu6 selu sigmoid silu".split()
    },
    "clamp": "jax.numpy.clip",
    "hardsigmoid": "jax.nn.hard_sigmoid",
    "hardswish": "jax.nn.hard_swish",
    "lgamma": "jax.scipy.special.gammaln",
    "logsigmoid": "jax.nn.log_sigmoid",
    "max": "jax.numpy.maximum",
    "min": "jax.numpy.minimum",
    "rsqrt": "jax.lax.rsqrt",
    "softsign": "jax.nn.soft_sign",
}
JAX_NAMES_OF_X = {  # of functions that have parameters in the grammar, but none in JAX
    "hardtanh": "jax.nn.hard_tanh",
    "softplus": "jax.nn.softplus",
}
