"""Expressions in JAX's arrays, each function as JAX offers it; needs the extra [systems].

What JAX lacks is composed from its definition: tanhshrink is x - tanh(x). Callers enable 64-bit
numbers (`jax.enable_x64`) where they want them: constants enter as Python numbers and take the
dtype that they meet.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy import special

from autodiff_pipeline.expressions.grammar import (
    Arithmetic,
    Expression,
    Name,
    Operation,
    as_function,
    function_named,
)
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS, REALS

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{
        name: getattr(jnp, name)
        for name in (
            "acos acosh asin asinh atan atan2 atanh ceil cos cosh deg2rad exp exp2 expm1 floor "
            "hypot log log10 log1p log2 logaddexp pow rad2deg reciprocal round sign sin sinc sinh "
            "sqrt square tan tanh trunc"
        ).split()
    },
    **{
        name: getattr(special, name)
        for name in (
            "digamma entr erf erfc erfcx expit i0 i0e i1 i1e log_ndtr logit ndtr ndtri xlog1py "
            "xlogy"
        ).split()
    },
    **{
        name: getattr(jax.nn, name)
        for name in "celu elu leaky_relu mish relu relu6 selu sigmoid silu".split()
    },
    "abs": jnp.abs,
    "clamp": jnp.clip,
    "erfinv": special.erfinv,
    "frac": lambda x: jnp.modf(x)[0],
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: jax.nn.gelu(x, approximate=True),
    "hardsigmoid": jax.nn.hard_sigmoid,
    "hardswish": jax.nn.hard_swish,
    "lgamma": special.gammaln,
    "logsigmoid": jax.nn.log_sigmoid,
    "max": jnp.maximum,
    "min": jnp.minimum,
    "polygamma": lambda n, x: special.polygamma(int(n), x),
    "rsqrt": jax.lax.rsqrt,
    "softsign": jax.nn.soft_sign,
    "step": lambda x: (x > 0).astype(x.dtype),
}

_WITHOUT_PARAMETERS: dict[str, Callable[[Any], Any]] = {  # where JAX takes x alone
    "hardtanh": jax.nn.hard_tanh,
    "softplus": jax.nn.softplus,
}


def _lift(name: str) -> Callable[..., Any]:
    """JAX's function, or the float one where its arguments are constant subexpressions."""
    of_floats = function_named(name, REALS)

    def lifted(*values: Any) -> Any:
        if any(isinstance(value, jax.Array) for value in values):
            return _FUNCTIONS[name](*values)
        return of_floats(*values)

    return lifted


def _where(a: Any, b: Any, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
    """Both branches, as JAX takes them; one of them where the condition is constant."""
    if not isinstance(a, jax.Array) and not isinstance(b, jax.Array):
        return then() if a < b else otherwise()
    first, second = then(), otherwise()
    x = a if isinstance(a, jax.Array) else b
    return jnp.where(a < b, jnp.asarray(first, x.dtype), jnp.asarray(second, x.dtype))


JAX_ARRAYS = Arithmetic(
    constant=float,
    names={"pi": math.pi, "e": math.e},
    operations={
        **ARITHMETIC_OPERATORS,
        "power": lambda base, exponent: base**exponent,
        "where": _where,
        **{name: _lift(name) for name in _FUNCTIONS},
    },
)


def array_function(expression: Expression) -> Callable[[Any], Any]:
    """The expression as a function of a JAX array x, elementwise, of x's shape and dtype."""
    of_array = as_function(expression, JAX_ARRAYS)

    def filled(x: Any) -> Any:
        value = of_array(x)
        return value if isinstance(value, jax.Array) else jnp.full_like(x, value)

    return filled


def own_function(call: Expression) -> Callable[[Any], Any] | None:
    """JAX's own function for an operator called on x and constants; None where JAX has none."""
    match call:
        case Operation(name, (Name("x"),)) if name in _WITHOUT_PARAMETERS:
            return _WITHOUT_PARAMETERS[name]
        case Operation(name) if name in _FUNCTIONS:
            return array_function(call)
    return None
