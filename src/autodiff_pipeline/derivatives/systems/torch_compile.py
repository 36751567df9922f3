"""Torch through inductor: derivatives taken inside `torch.compile`, as its documentation shows.

Compiling is what takes the time, so all methods of one function, order and dtype are compiled as
one program, and that for a fixed number of points: longer tensors are cut, shorter ones filled up.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

import torch
from torch import Tensor

from autodiff_pipeline.derivatives.methods import registry as eager
from autodiff_pipeline.derivatives.subject import Subject, Unavailable, subjects_of
from autodiff_pipeline.derivatives.systems.pieces import LENGTH, by_pieces
from autodiff_pipeline.expressions.grammar import Expression, Operation
from autodiff_pipeline.expressions.tree import nodes

METHODS = ("reverse_mode", "forward_mode", "forward_over_reverse", "stable")
_KEPT = 32  # programs of one function: its forms, orders and dtypes
_CRASHING = {"ldexp"}  # operations whose programs torch 2.13 compiles, and which end the process

Program = Callable[[Tensor], dict[str, Tensor]]


def forms(name: str, expression: Expression, operator: str | None) -> list[Subject]:
    """The forms that torch has, to be compiled."""
    return [
        subject._replace(system="torch_compile")
        for subject in subjects_of(name, expression, operator)
    ]


def derivative(method: str, subject: Subject, order: int, x: Tensor) -> Tensor:
    """The derivative by a compiled program, at every element of x and in its dtype.

    Raises Unavailable where torch has none even without compiling, or cannot compile it.
    """
    names = {node.name for node in nodes(subject.expression) if isinstance(node, Operation)}
    if crashing := names & _CRASHING:
        raise Unavailable(f"torch's program for {min(crashing)} ends the process that runs it")
    program = _programs(subject, order, x.dtype)[method]
    if isinstance(program, str):
        raise Unavailable(program)
    return by_pieces(lambda piece: program(piece)[method], x)


@lru_cache(maxsize=_KEPT)
def _programs(subject: Subject, order: int, dtype: torch.dtype) -> Mapping[str, Program | str]:
    """By method, the compiled program that computes it, or the reason why there is none."""
    piece = torch.full((LENGTH,), 0.5, dtype=dtype)
    reasons = {}
    for method in METHODS:
        try:
            eager.derivative(method, subject, order, piece)
        except Unavailable as reason:
            reasons[method] = str(reason)
    methods = [method for method in METHODS if method not in reasons]
    together = _compiled(subject, order, methods, piece)
    if isinstance(together, str):  # one of them cannot be compiled, perhaps others can
        return {**reasons, **{each: _compiled(subject, order, [each], piece) for each in methods}}
    return {**reasons, **dict.fromkeys(methods, together)}


def _compiled(subject: Subject, order: int, methods: list[str], piece: Tensor) -> Program | str:
    def derivatives(x: Tensor) -> dict[str, Tensor]:
        return {method: eager.METHODS[method](subject, order, x) for method in methods}

    # A code of its own, because torch counts the programs that are made of one code, and stops
    # compiling after a few.
    derivatives.__code__ = derivatives.__code__.replace()
    program: Program = torch.compile(derivatives, fullgraph=True, dynamic=False)
    try:
        program(piece)
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0][:120].replace(",", ";")
        return f"not compiled by torch: {reason}"
    return program
