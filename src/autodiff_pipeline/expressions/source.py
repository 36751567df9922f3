"""Expressions as Python source that computes in torch or JAX as `tensors` and `jax_arrays` do."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import NamedTuple

from autodiff_pipeline.expressions.grammar import (
    Arithmetic,
    Expression,
    Name,
    Operation,
    as_function,
    function_named,
)
from autodiff_pipeline.expressions.names import (
    JAX_NAMES,
    JAX_NAMES_OF_X,
    JAX_PAIRS,
    TAKING_NO_NUMBERS,
    TORCH_NAMES,
    TORCH_PAIRS,
)
from autodiff_pipeline.expressions.reals import REALS, as_in_arrays

Source = str | float  # of a tensor, or the value of a constant


class Dialect(NamedTuple):
    """How calls are written in a library."""

    module: str  # of where and full_like
    calls: Mapping[str, str]  # by function; {0} is the source of its first argument ...
    of_x: Mapping[str, str]  # of operators of x alone
    taking_no_numbers: tuple[str, ...]


def _calls(names: Mapping[str, str]) -> dict[str, str]:
    return {name: path + "({arguments})" for name, path in names.items()}


TORCH = Dialect(
    "torch",
    {
        **_calls(TORCH_NAMES),
        **TORCH_PAIRS,
        "gelu_tanh": "torch.nn.functional.gelu({0}, approximate='tanh')",
        "ldexp": "torch.ldexp({0}, torch.tensor({1}))",
        "polygamma": "torch.polygamma({arguments})",
        "step": "({0} > 0).to(x.dtype)",
    },
    {},
    (*TAKING_NO_NUMBERS, *TORCH_PAIRS),
)
JAX = Dialect(
    "jax.numpy",
    {
        **_calls(JAX_NAMES),
        **JAX_PAIRS,
        "frac": "jax.numpy.modf({0})[0]",
        "gelu": "jax.nn.gelu({0}, approximate=False)",
        "gelu_tanh": "jax.nn.gelu({0}, approximate=True)",
        "ldexp": "jax.numpy.ldexp({arguments})",
        "polygamma": "jax.scipy.special.polygamma({arguments})",
        "step": "({0} > 0).astype(x.dtype)",
    },
    _calls(JAX_NAMES_OF_X),
    tuple(JAX_PAIRS),
)

_INTEGERS = {"polygamma": 0, "ldexp": 1}  # the place of an argument that is written as an integer
_SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
_SIGNS = {"negative": "-", "positive": "+"}


def source(expression: Expression, dialect: Dialect) -> str:
    """An expression in x as source: of x*erf(x) ``x * torch.erf(x)``."""
    text = _text(as_function(expression, _arithmetic(dialect))("x"))
    return ast.unparse(ast.parse(text, mode="eval"))  # without needless parentheses


def operator_source(call: Expression, dialect: Dialect) -> str:
    """An operator as source: of ``softplus(x, 2)`` torch.nn.functional.softplus(x, 2.0)."""
    match call:
        case Operation(name, (Name("x"),)) if name in dialect.of_x:
            return dialect.of_x[name].format(arguments="x")
    return source(call, dialect)


def _text(value: Source) -> str:
    if isinstance(value, str):
        return value
    return repr(value) if math.isfinite(value) else f"float('{value}')"


def _arithmetic(dialect: Dialect) -> Arithmetic:
    def tensor(value: Source) -> str:
        if isinstance(value, str):
            return value
        return f"{dialect.module}.full_like(x, {_text(value)})"

    def call(name: str) -> Callable[..., Source]:
        def written(*values: Source) -> str:
            if name in _INTEGERS:
                place = _INTEGERS[name]
                whole = str(int(float(values[place])))
                values = (*values[:place], whole, *values[place + 1 :])
            in_tensors = name in dialect.taking_no_numbers or (
                name == "clamp" and any(isinstance(value, str) for value in values[1:])
            )
            arguments = [tensor(value) if in_tensors else _text(value) for value in values]
            return dialect.calls[name].format(*arguments, arguments=", ".join(arguments))

        return _lifted(written, function_named(name, REALS))

    def where(
        a: Source, b: Source, then: Callable[[], Source], otherwise: Callable[[], Source]
    ) -> Source:
        if not isinstance(a, str) and not isinstance(b, str):
            return then() if a < b else otherwise()
        branches = f"{tensor(then())}, {tensor(otherwise())}"
        return f"{dialect.module}.where(({_text(a)}) < ({_text(b)}), {branches})"

    return Arithmetic(
        constant=float,
        names={"pi": math.pi, "e": math.e},
        operations={
            **{name: _infix(name) for name in _SYMBOLS},
            **{name: _sign(name) for name in _SIGNS},
            **{name: call(name) for name in dialect.calls},
            "where": where,
        },
    )


def _lifted(written: Callable[..., str], of_floats: Callable[..., float]) -> Callable[..., Source]:
    """The source of an operation, or its value where all its arguments are constants."""

    def applied(*values: Source) -> Source:
        is_written = any(isinstance(each, str) for each in values)
        return (written if is_written else as_in_arrays(of_floats))(*values)

    return applied


def _infix(name: str) -> Callable[..., Source]:
    of_floats = operator.pow if name == "power" else REALS.operations[name]
    return _lifted(lambda a, b: f"(({_text(a)}) {_SYMBOLS[name]} ({_text(b)}))", of_floats)


def _sign(name: str) -> Callable[..., Source]:
    return _lifted(lambda a: f"({_SIGNS[name]}({_text(a)}))", REALS.operations[name])
