"""JAX, each derivative compiled by `jax.jit` as its documentation recommends; on the CPU.

Numbers of 64 bits are enabled only while they are computed with. JAX's CPU code takes subnormal
numbers for 0, in what it reads and in what it returns, as its authors intend (jax-ml/jax issue
16200), so a derivative that decays is lost where it becomes subnormal.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.derivatives.operators import called_operator, operator_expression
from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.derivatives.systems.pieces import by_pieces
from autodiff_pipeline.expressions.grammar import Expression, ExpressionError
from autodiff_pipeline.expressions.jax_arrays import array_function, own_function

_KEPT = 32  # programs of one function: its forms, orders and methods

Elementwise = Callable[[Any], Any]


def forms(name: str, expression: Expression, operator: str | None) -> list[Subject]:
    """The expression in JAX's arithmetic, and JAX's own operator where one is named."""
    subjects = [Subject(name, _of_expression(expression), expression, None, None, "jax")]
    if operator:
        own = own_function(operator_expression(operator))
        function = own or _lacking(f"jax has no operator {operator}")
        subjects.append(Subject(f"jax.{operator}", function, expression, None, None, "jax"))
    return subjects


def _of_expression(expression: Expression) -> Elementwise:
    try:
        own = own_function(expression) if called_operator(expression) else None
        return own or array_function(expression)
    except ExpressionError as reason:
        return _lacking(str(reason))


def _lacking(reason: str) -> Elementwise:
    def function(x: Any) -> Any:
        raise Unavailable(reason)

    return function


def derivative(method: str, subject: Subject, order: int, x: Tensor) -> Tensor:
    """The derivative by `jax.grad` and `jax.jvp`, nested, at every element of x and in its dtype.

    Raises Unavailable where JAX has no such derivative.
    """
    if method == "forward_over_reverse" and order < 2:
        raise Unavailable("forward over reverse needs order 2 or more")
    program = _program(method, subject.function, order)
    with jax.enable_x64(x.dtype == torch.float64):
        try:
            return by_pieces(lambda piece: _to_torch(program(_to_jax(piece)), piece), x)
        except (TypeError, ValueError, NotImplementedError, RuntimeError) as error:
            reason = str(error).strip().splitlines()[0][:120].replace(",", ";")
            raise Unavailable(f"not served by jax: {reason}") from error


@lru_cache(maxsize=_KEPT)
def _program(method: str, function: Elementwise, order: int) -> Elementwise:
    program: Elementwise = jax.jit(METHODS[method](function, order))
    return program


def _reverse(function: Elementwise, order: int) -> Elementwise:
    for _ in range(order):
        function = jax.grad(function)
    return jax.vmap(function)


def _forward(function: Elementwise, order: int) -> Elementwise:
    for _ in range(order):
        function = _tangent(function)
    return function


def _tangent(function: Elementwise) -> Elementwise:
    return lambda x: jax.jvp(function, (x,), (jnp.ones_like(x),))[1]


def _forward_over_reverse(function: Elementwise, order: int) -> Elementwise:
    return _forward(jax.vmap(jax.grad(function)), order - 1)


METHODS: dict[str, Callable[[Elementwise, int], Elementwise]] = {
    "reverse_mode": _reverse,
    "forward_mode": _forward,
    "forward_over_reverse": _forward_over_reverse,
}


def _to_jax(x: Tensor) -> Any:
    """The same numbers; NumPy, unlike torch's arrays in NumPy, has bfloat16 only from JAX."""
    name = str(x.dtype).removeprefix("torch.")
    values = x.double().numpy().astype(jnp.dtype(name))
    return jax.device_put(values, jax.devices("cpu")[0])


def _to_torch(value: Any, like: Tensor) -> Tensor:
    return torch.from_numpy(np.asarray(value).astype(np.float64)).to(like.dtype)
