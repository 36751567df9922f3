"""Certify a gradient: is it right, here, and if not, where and why.

    report = certify(lambda x: x.exp().sum(), point, lambda x: 2 * x.exp())
    assert report.right, report

`certify` measures the slopes of a function on both sides of a point, to a known error, and says
whether a gradient lies among them.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from autodiff_pipeline.gradients.arguments import Argument, argument_of, for_a_gradient
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.examination import examined
from autodiff_pipeline.gradients.given import is_function
from autodiff_pipeline.gradients.report import Report
from autodiff_pipeline.gradients.second_order import LOST, both, gradient_function


def certify(
    function: Callable[[Any], Tensor],
    point: Any,
    gradient: Any = None,
    *,
    order: int = 1,
    wanted: float = 1e-6,
    seed: int = 0,
) -> Report:
    """Check a gradient against the slopes of its function, measured on both sides of a point.

    Args:
        function: from the point to one real tensor, of any shape. It must be pure: the same
            value for the same argument, which it leaves alone.
        point: a tensor; a pytree of tensors (dictionaries, lists, tuples), of which the floating
            and complex ones are differentiated; or an `nn.Module`, differentiated with respect
            to its parameters.
        gradient: a function of the point, or its value there. For a scalar function of the
            point's shape; for a tensor function the Jacobian, of shape (*output, *point); for a
            pytree or a module the same of every tensor, in the point's structure or by name; for
            a complex number the derivatives along both parts, as torch has them. None: what is
            judged is reverse mode.
        order: 1, or 2 to judge the gradient and the gradient's gradient. Then `gradient` may
            also be the second derivative, of shape (*output, *point, *point).
        wanted: the relative error that has to be excluded before a gradient is called right. In
            float32 it is 0.004 at best, 32,768 epsilons, and a quarter in formats of 16 bits.
        seed: of the random directions and places looked at.

    Returns: a `Report`. Its verdict is "wrong" only if an entry lies outside of every slope the
        function may have there, kinks included; "right" only if all lie inside and the slopes
        are known as well as wanted; else "undecided".

    Raises: ValueError for arguments that cannot be meant: no floating tensor in the point, no
        real tensor from the function, another order.
    """
    if order not in (1, 2):
        raise ValueError(f"order is {order}: it must be 1 or 2")
    if not wanted > 0:
        raise ValueError(f"wanted is {wanted}: it must be a relative error above 0, such as 1e-6")
    argument = argument_of(point)
    devices = {leaf.device for leaf in argument.leaves if leaf.device.type == "cuda"}
    with torch.random.fork_rng(devices=sorted(devices, key=str)):
        if order == 1:
            return examined(Evaluator(function, argument), gradient, wanted, seed)
        return _second(function, argument, gradient, wanted, seed)


def _second(
    function: Callable[[Any], Tensor], argument: Argument, gradient: Any, wanted: float, seed: int
) -> Report:
    evaluator = Evaluator(function, argument)
    first, second = _orders(evaluator, gradient)
    before = examined(evaluator, first, wanted, seed)
    if before.verdict == "wrong":
        return before
    judged = gradient_function(function, argument) if first is None else _flat(first, argument)
    after = examined(Evaluator(judged, argument), second, wanted, seed)
    lost = after.verdict == "wrong" and all(e.given == 0 for e in after.entries)
    return both(before, after, causes=(LOST,) if lost else ())


def _orders(evaluator: Evaluator, gradient: Any) -> tuple[Any, Tensor | None]:
    """What is meant by a gradient at order 2: the first as a function, or the second as a value."""
    if gradient is None:
        return None, None
    argument = evaluator.argument
    value = gradient
    if is_function(gradient):
        value = gradient(for_a_gradient(argument, argument.numbers))
    point = argument.leaves[0].shape
    twice = (*evaluator.output_shape, *point, *point)
    if isinstance(value, Tensor) and tuple(value.shape) == twice and point:
        return None, value.reshape(prod(evaluator.output_shape) * prod(point), *point)
    if not is_function(gradient):
        raise ValueError(
            "order 2 needs the gradient as a function, so that it can be differentiated, or the "
            f"second derivative as a tensor of shape {twice}"
        )
    return gradient, None


def _flat(gradient: Callable[[Any], Any], argument: Argument) -> Callable[[Any], Tensor]:
    """A user's gradient function with all its numbers in one row."""

    def flat(value: Any) -> Tensor:
        found = gradient(value)
        if isinstance(found, dict):
            found = [found[leaf.name] for leaf in argument.leaves]
        return torch.cat([t.reshape(-1) for t in tree_leaves(found)])

    return flat
