"""The functions whose derivatives are examined, and what a method of differentiation is."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from autodiff_pipeline.derivatives.operators import operator_expression
from autodiff_pipeline.expressions.grammar import Expression, Name, Operation
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS
from autodiff_pipeline.stable.with_derivatives import WithDerivatives

Elementwise = Callable[[Tensor], Tensor]


class Subject(NamedTuple):
    """A function whose derivatives are examined."""

    name: str
    function: Elementwise
    expression: Expression  # what the function means
    formula: Expression | None  # differentiated by the method `formula`; None for an operator
    stable: WithDerivatives | None  # the same function with hand-written, stable rules
    system: str = "torch"  # whose function it is, one of `systems`


class Unavailable(Exception):  # noqa: N818 (not an error: an entry of the table)
    """Why a method cannot compute this derivative, in words that a table can show."""


# (subject, order, x) -> the derivative of that order at every element of x, in x's dtype
Method = Callable[[Subject, int, Tensor], Tensor]


def subjects_of(name: str, expression: Expression, operator: str | None) -> list[Subject]:
    """The forms of a function: its expression, and torch's operator where one is named."""
    subject = expression_subject(name, expression, operator)
    return [subject, *([operator_subject(operator, expression)] if operator else [])]


def expression_subject(name: str, expression: Expression, operator: str | None = None) -> Subject:
    """The function as its expression, evaluated in torch.

    It has a stable rule where its operator has one, or where the expression is just such an
    operator applied to x.
    """
    match expression:
        case Operation(called, (Name("x"),)):
            operator = operator or called
    stable = STABLE_ACTIVATIONS.get(f"stable_{operator}")
    return Subject(name, tensor_function(expression), expression, expression, stable)


def operator_subject(operator: str, expression: Expression) -> Subject:
    """The function as torch's own operator, ``tanh`` or ``softplus(x, 2)``; the expression says
    what it means.
    """
    function = tensor_function(operator_expression(operator))
    return Subject(f"torch.{operator}", function, expression, None, None)
