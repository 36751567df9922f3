"""Expressions as Python source that computes with torch as `tensors` does."""

import ast
import math
from collections.abc import Callable

from autodiff_pipeline.expressions.grammar import (
    Arithmetic,
    Expression,
    as_function,
    function_named,
)
from autodiff_pipeline.expressions.reals import REALS
from autodiff_pipeline.expressions.tensors import TAKING_NO_NUMBERS, TENSORS, TORCH_NAMES

Source = str | float  # of a tensor, or the value of a constant

_FORMS = {  # of calls that are not just a name and arguments; {0} is the first argument ...
    "step": "({0} > 0).to({0}.dtype)",
    "gelu_tanh": "torch.nn.functional.gelu({0}, approximate='tanh')",
    "polygamma": "torch.polygamma({0}, {1})",
}
_SYMBOLS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
_SIGNS = {"negative": "-", "positive": "+"}


def torch_source(expression: Expression) -> str:
    """The expression in x as source: of ``softplus(x, 2)`` torch.nn.functional.softplus(x, 2.0)."""
    text = _text(as_function(expression, _SOURCES)("x"))
    return ast.unparse(ast.parse(text, mode="eval"))  # without needless parentheses


def _text(value: Source) -> str:
    if isinstance(value, str):
        return value
    if math.isfinite(value):
        return repr(value)
    return f"float('{value}')"


def _tensor(value: Source) -> str:
    return value if isinstance(value, str) else f"torch.full_like(x, {_text(value)})"


def _infix(name: str) -> Callable[..., Source]:
    of_floats: Callable[..., float] = TENSORS.operations[name]

    def applied(*values: Source) -> Source:
        if not any(isinstance(value, str) for value in values):
            return of_floats(*values)
        first, *rest = (f"({_text(value)})" for value in values)
        return f"({first} {_SYMBOLS[name]} {rest[0]})" if rest else f"({_SIGNS[name]}{first})"

    return applied


def _call(name: str) -> Callable[..., Source]:
    of_floats: Callable[..., float] = function_named(name, REALS)

    def applied(*values: Source) -> Source:
        if not any(isinstance(value, str) for value in values):
            return of_floats(*values)
        if name == "polygamma":
            values = (str(int(float(values[0]))), *values[1:])
        in_tensors = name in TAKING_NO_NUMBERS or (
            name == "clamp" and any(isinstance(value, str) for value in values[1:])
        )
        arguments = [(_tensor if in_tensors else _text)(value) for value in values]
        form = _FORMS.get(name) or f"{TORCH_NAMES[name]}({', '.join(['{}'] * len(values))})"
        return form.format(*arguments)

    return applied


def _where(
    a: Source, b: Source, then: Callable[[], Source], otherwise: Callable[[], Source]
) -> Source:
    if not isinstance(a, str) and not isinstance(b, str):
        return then() if a < b else otherwise()
    branches = f"{_tensor(then())}, {_tensor(otherwise())}"
    return f"torch.where(({_text(a)}) < ({_text(b)}), {branches})"


_SOURCES = Arithmetic(
    constant=float,
    names={"pi": math.pi, "e": math.e},
    operations={
        **{name: _infix(name) for name in [*_SYMBOLS, *_SIGNS]},
        "where": _where,
        **{name: _call(name) for name in [*TORCH_NAMES, *_FORMS]},
    },
)
