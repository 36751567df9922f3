"""What torch and JAX call those functions of the grammar for which they have a name, or a call."""

TORCH_NAMES = {  # of torch's functions, beside those of the grammar
    **{
        name: f"torch.{name}"
        for name in (
            "abs acos acosh asin asinh atan atan2 atanh ceil clamp cos cosh deg2rad digamma "
            "erf erfc erfinv exp exp2 expm1 floor fmod frac hypot i0 lgamma log log10 log1p log2 "
            "logaddexp logaddexp2 logit pow rad2deg reciprocal relu remainder round rsqrt sigmoid "
            "sign sin sinc sinh sqrt square tan tanh trunc"
        ).split()
    },
    **{
        name: f"torch.special.{name}"
        for name in (
            "entr erfcx expit gammainc gammaincc i0e i1 i1e log_ndtr ndtr ndtri xlog1py xlogy zeta"
        ).split()
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
TAKING_NO_NUMBERS = (  # but tensors, in torch
    "atan2 fmod gammainc gammaincc hypot logaddexp logaddexp2 max min remainder zeta"
).split()
TORCH_PAIRS = {  # calls on two tensors {0} and {1}
    "bce": "torch.nn.functional.binary_cross_entropy({0}, {1}, reduction='none')",
    "bce_with_logits": (
        "torch.nn.functional.binary_cross_entropy_with_logits({0}, {1}, reduction='none')"
    ),
    "glu": "torch.nn.functional.glu(torch.stack([{0}, {1}], -1))[..., 0]",
    "log_softmax": "torch.stack([{0}, {1}], -1).log_softmax(-1)[..., 0]",
    "logsumexp": "torch.stack([{0}, {1}], -1).logsumexp(-1)",
    "norm": "torch.linalg.vector_norm(torch.stack([{0}, {1}], -1), dim=-1)",
    "soft_margin_loss": "torch.nn.functional.soft_margin_loss({0}, {1}, reduction='none')",
    "softmax": "torch.stack([{0}, {1}], -1).softmax(-1)[..., 0]",
}

JAX_NAMES = {
    **{
        name: f"jax.numpy.{name}"
        for name in (
            "abs acos acosh asin asinh atan atan2 atanh ceil cos cosh deg2rad exp exp2 expm1 floor "
            "fmod hypot log log10 log1p log2 logaddexp logaddexp2 pow rad2deg reciprocal remainder "
            "round sign sin sinc sinh sqrt square tan tanh trunc"
        ).split()
    },
    **{
        name: f"jax.scipy.special.{name}"
        for name in (
            "digamma entr erf erfc erfcx erfinv expit gammainc gammaincc i0 i0e i1 i1e log_ndtr "
            "logit ndtr ndtri xlog1py xlogy zeta"
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
JAX_PAIRS = {
    "glu": "jax.nn.glu(jax.numpy.stack([{0}, {1}], -1))[..., 0]",
    "log_softmax": "jax.nn.log_softmax(jax.numpy.stack([{0}, {1}], -1))[..., 0]",
    "logsumexp": "jax.nn.logsumexp(jax.numpy.stack([{0}, {1}], -1), -1)",
    "norm": "jax.numpy.linalg.norm(jax.numpy.stack([{0}, {1}], -1), axis=-1)",
    "softmax": "jax.nn.softmax(jax.numpy.stack([{0}, {1}], -1))[..., 0]",
}
JAX_NAMES_OF_X = {  # of functions that have parameters in the grammar, but none in JAX
    "hardtanh": "jax.nn.hard_tanh",
    "softplus": "jax.nn.softplus",
}
