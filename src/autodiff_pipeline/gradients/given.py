"""The gradient under test, as numbers: reverse mode, a function, or a value."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from autodiff_pipeline.gradients.arguments import (
    Doubles,
    for_a_gradient,
    jacobian_numbers,
    numbers_of,
)
from autodiff_pipeline.gradients.evaluation import Evaluator

MISUSE = 1e-2  # of the gradient: more than rounding, in the formats with few bits too
Gradient = Callable[[Doubles], "Doubles | str"]  # from numbers (n,) to (m, n), or what is wrong


def _tracked(evaluator: Evaluator, row: Doubles) -> tuple[list[Tensor], Tensor]:
    leaves = [t.requires_grad_() for t in evaluator.argument.tensors_at(row)]
    with torch.enable_grad():
        out = evaluator.function(evaluator.argument.rebuild([leaf.clone() for leaf in leaves]))
    return leaves, out


def _row(evaluator: Evaluator, gradients: tuple[Tensor | None, ...]) -> Doubles:
    out = np.zeros(evaluator.argument.size)
    for leaf, value in zip(evaluator.argument.leaves, gradients, strict=True):
        if value is not None:
            out[leaf.start : leaf.stop] = numbers_of(value)
    return out


def pulled_back(evaluator: Evaluator, row: Doubles, cotangent: Tensor) -> Doubles:
    """What `torch.autograd.grad` returns for a gradient from upstream: numbers (n,)."""
    leaves, out = _tracked(evaluator, row)
    if not out.requires_grad:
        return np.zeros(evaluator.argument.size)
    upstream = cotangent.to(out).expand(out.shape)
    return _row(evaluator, torch.autograd.grad(out, leaves, upstream, allow_unused=True))


def reverse_mode(evaluator: Evaluator, row: Doubles) -> Doubles | str:
    """The Jacobian (m, n) by `torch.autograd.grad`, zero where it finds no path."""
    try:
        leaves, out = _tracked(evaluator, row)
        if not out.requires_grad:
            return np.zeros((out.numel(), evaluator.argument.size))
        rows = [
            _row(
                evaluator,
                torch.autograd.grad(value, leaves, retain_graph=True, allow_unused=True),
            )
            for value in out.reshape(-1)
        ]
    except RuntimeError as error:
        return f"reverse mode raised {type(error).__name__}: {_first_line(error)}"
    return np.stack(rows) if rows else np.zeros((0, evaluator.argument.size))


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else ""


def misused_upstream(evaluator: Evaluator, jacobian: Doubles, rng: np.random.Generator) -> str:
    """A sentence if the backward is not linear in the gradient from upstream, else nothing.

    Two are sent down: random numbers, and ones in the expanded layout that `sum().backward()`
    sends.
    """
    shape = evaluator.output_shape
    size = rng.uniform(0.5, 3.0, shape) * rng.choice([-1.0, 1.0], shape)
    drawn = torch.from_numpy(np.asarray(size))
    for cotangent, words in ((drawn, "random numbers"), (torch.ones(()), "ones")):
        weights = np.broadcast_to(cotangent.numpy(), shape).reshape(-1)
        expected = weights @ jacobian
        scale = np.abs(weights) @ np.abs(jacobian)
        try:
            returned = pulled_back(evaluator, evaluator.argument.numbers, cotangent)
        except RuntimeError as error:
            return f"the backward raised for {words} from upstream: {_first_line(error)}"
        with np.errstate(invalid="ignore"):
            apart = np.abs(returned - expected) > MISUSE * np.maximum(scale, scale.max())
        if apart.any():
            i = int(apart.argmax())
            return (
                "the gradient from upstream is ignored or misused: the backward is not linear in "
                f"it (entry {evaluator.argument.name(i)}: {returned[i]:.6g} instead of "
                f"{expected[i]:.6g} for {words})"
            )
    return ""


def is_function(gradient: Any) -> bool:
    """Whether a gradient is given as a function of the point; else it is a value."""
    return callable(gradient) and not isinstance(gradient, torch.nn.Module)


def gradient_of(evaluator: Evaluator, gradient: Any) -> Gradient:
    """The gradient under test as a function of the numbers; a value is the same everywhere."""
    if gradient is None:
        return lambda row: reverse_mode(evaluator, row)
    argument, shape = evaluator.argument, evaluator.output_shape
    if not is_function(gradient):
        return lambda row: jacobian_numbers(argument, gradient, shape)

    def at(row: Doubles) -> Doubles | str:
        return jacobian_numbers(argument, gradient(for_a_gradient(argument, row)), shape)

    return at
