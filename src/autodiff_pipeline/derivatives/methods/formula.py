"""The textbook formula."""

from functools import lru_cache

from torch import Tensor

from autodiff_pipeline.derivatives.subject import Subject, Unavailable
from autodiff_pipeline.expressions import symbols
from autodiff_pipeline.expressions.tensors import tensor_function

_derivative = lru_cache(maxsize=64)(symbols.derivative)


def formula(subject: Subject, order: int, x: Tensor) -> Tensor:
    """The derivative that SymPy finds, evaluated in x's dtype."""
    if subject.formula is None:
        raise Unavailable("an operator has no formula; see the expression")
    return tensor_function(_derivative(subject.formula, order))(x)
