"""The systems by the names they have in the configuration and in every table.

A system is a module of its name with two functions: `forms`, what it makes of an expression and of
an operator, and `derivative`, what it returns at given points by one of its METHODS. It is imported
when it is first asked for, so that nobody needs JAX, or waits for it, who did not name it.
"""

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Protocol, cast

from torch import Tensor

from autodiff_pipeline.derivatives.subject import Subject
from autodiff_pipeline.expressions.grammar import Expression


class System(Protocol):
    """What a module of a system offers."""

    METHODS: Collection[str]  # those that are measured in it; finite differences in torch alone

    def forms(self, name: str, expression: Expression, operator: str | None) -> list[Subject]:
        """The function as its expression, and as the system's operator where one is named."""

    def derivative(self, method: str, subject: Subject, order: int, x: Tensor) -> Tensor:
        """The derivative by one of METHODS at every element of x, a tensor of x's dtype.

        Raises Unavailable, with the reason, where the system has none.
        """


def system_named(name: str) -> System:
    """The module of a system."""
    return cast(System, import_module(f"autodiff_pipeline.derivatives.systems.{name}"))


def subjects_in(
    systems: Sequence[str], name: str, expression: Expression, operator: str | None
) -> list[Subject]:
    """The forms of a function in every named system, one system after the other."""
    return [
        subject
        for system in systems
        for subject in system_named(system).forms(name, expression, operator)
    ]


def derivative(method: str, subject: Subject, order: int, x: Tensor) -> Tensor:
    """The derivative by the named method in the subject's system, in x's dtype.

    Raises Unavailable where the system cannot handle the method, the subject, the order or the
    dtype.
    """
    return system_named(subject.system).derivative(method, subject, order, x)
