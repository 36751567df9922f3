"""Expressions in JAX's arrays, each function as JAX offers it; needs the extra [systems].

What JAX lacks is composed from its definition: tanhshrink is x - tanh(x). Callers enable 64-bit
numbers (`jax.enable_x64`) where they want them: constants enter as Python numbers and take the
dtype that they meet.
"""

import math
import operator
from collections.abc import Callable
from operator import attrgetter
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
from autodiff_pipeline.expressions.names import JAX_NAMES, JAX_NAMES_OF_X
from autodiff_pipeline.expressions.reals import ARITHMETIC_OPERATORS, REALS, as_in_arrays


def _named(path: str) -> Callable[..., Any]:
    function: Callable[..., Any] = attrgetter(path.removeprefix("jax."))(jax)
    return function


def _of_pairs(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """A function of JAX along the last axis, in which two values stand."""

    def of_pair(*values: Any) -> Any:
        x = next(value for value in values if isinstance(value, jax.Array))
        return function(jnp.stack([jnp.full_like(x, value) for value in values], -1))

    return of_pair


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: _named(path) for name, path in JAX_NAMES.items()},
    "frac": lambda x: jnp.modf(x)[0],
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "gelu_tanh": lambda x: jax.nn.gelu(x, approximate=True),
    "glu": _of_pairs(lambda pair: jax.nn.glu(pair)[..., 0]),
    "ldexp": lambda x, n: jnp.ldexp(x, int(n)),
    "log_softmax": _of_pairs(lambda pair: jax.nn.log_softmax(pair)[..., 0]),
    "logsumexp": _of_pairs(lambda pair: jax.nn.logsumexp(pair, -1)),
    "norm": _of_pairs(lambda pair: jnp.linalg.norm(pair, axis=-1)),
    "softmax": _of_pairs(lambda pair: jax.nn.softmax(pair)[..., 0]),
    "polygamma": lambda n, x: special.polygamma(int(n), x),
    "step": lambda x: (x > 0).astype(x.dtype),
}

_WITHOUT_PARAMETERS = {name: _named(path) for name, path in JAX_NAMES_OF_X.items()}


def _lift(name: str) -> Callable[..., Any]:
    """JAX's function, or the float one where its arguments are constant subexpressions."""
    of_floats = as_in_arrays(function_named(name, REALS))

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
        "divide": as_in_arrays(operator.truediv),
        "power": as_in_arrays(operator.pow),
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
