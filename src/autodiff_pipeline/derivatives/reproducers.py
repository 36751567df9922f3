"""One line of Python that shows a wrong derivative, with nothing but torch."""

import math

from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.torch_source import torch_source

LONG = 64  # elements: whole vector registers on every machine


def reproducer(
    expression: Expression, method: str, order: int, dtype: str, x: float, length: int, truth: float
) -> str:
    """A line that prints what torch returns for the derivative at x, and the truth.

    Args: expression, differentiated as it is written; method, reverse_mode or forward_mode; length,
    how many elements the tensor has in which x stands: torch has other code for short ones.
    """
    function = f"lambda x: {torch_source(expression)}"
    if method == "reverse_mode":
        start, nested = "", _nested("torch.func.grad", order, function)
        derivative = f"torch.func.vmap({nested})"
    else:
        start = "d = lambda f: lambda x: torch.func.jvp(f, (x,), (torch.ones_like(x),))[1]; "
        derivative = _nested("d", order, function)
    return (
        f"import torch; x = torch.full(({length},), {x!r}, dtype=torch.{dtype}); {start}"
        f"print({derivative}(x)[0].item(), {_literal(truth)})"
    )


def _nested(operator: str, order: int, function: str) -> str:
    return f"{operator}(" * order + function + ")" * order


def _literal(value: float) -> str:
    return repr(value) if math.isfinite(value) else f"float('{value}')"
