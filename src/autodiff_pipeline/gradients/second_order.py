"""Second order: the gradient of a function as a function of its own.

The gradient's gradient is judged as any gradient is, for the function that maps the point to the
gradient; the slopes along a direction v of all its entries are the Hessian-vector product H v.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from autodiff_pipeline.gradients.arguments import Argument
from autodiff_pipeline.gradients.report import Report

LOST = "the second derivative is lost: to autograd the gradient is a constant"


def _flat(tensors: list[Tensor]) -> Tensor:
    parts = [torch.view_as_real(t) if t.is_complex() else t for t in tensors]
    kind = parts[0].dtype
    for part in parts[1:]:
        kind = torch.promote_types(kind, part.dtype)
    return torch.cat([part.reshape(-1).to(kind) for part in parts])


def gradient_function(
    function: Callable[[Any], Tensor], argument: Argument
) -> Callable[[Any], Tensor]:
    """The reverse-mode Jacobian of a function as a function: to numbers (m * n,).

    Differentiable itself, by reverse mode over reverse mode.
    """

    def by_transform(given: list[Tensor]) -> Tensor:
        """The same by `torch.func`, which `vmap` takes."""

        def flat_output(*leaves: Tensor) -> Tensor:
            return function(argument.rebuild(leaves)).reshape(-1)

        found = torch.func.jacrev(flat_output, argnums=tuple(range(len(given))))(*given)
        return torch.cat([_flat([part[j] for part in found]) for j in range(len(found[0]))])

    def gradient(value: Any) -> Tensor:
        tracked = torch.is_grad_enabled()
        given = argument.parts(value)
        with torch.enable_grad():
            try:
                leaves = [
                    t if tracked and t.requires_grad else t.detach().clone().requires_grad_()
                    for t in given
                ]
            except RuntimeError:  # under vmap
                return by_transform(given)
            out = function(argument.rebuild([leaf.clone() for leaf in leaves]))
            rows = []
            for output in out.reshape(-1):
                if output.requires_grad:
                    found = torch.autograd.grad(
                        output,
                        leaves,
                        create_graph=tracked,
                        retain_graph=True,
                        allow_unused=True,
                        materialize_grads=True,
                    )
                else:
                    found = tuple(torch.zeros_like(leaf) for leaf in leaves)
                rows.append(_flat(list(found)))
        return torch.cat(rows) if tracked else torch.cat(rows).detach()

    return gradient


def both(first: Report, second: Report, *, causes: tuple[str, ...] = ()) -> Report:
    """One report on a gradient and on its gradient: the worse of both, and more causes."""
    worse = first if first.verdict != "right" and second.verdict == "right" else second
    return Report(
        verdict=worse.verdict,
        entries=worse.entries,
        resolution=max(first.resolution, second.resolution),
        blurred=first.blurred + second.blurred,
        blurred_resolution=max(first.blurred_resolution, second.blurred_resolution),
        evaluations=first.evaluations + second.evaluations,
        coverage=f"the gradient ({first.coverage}) and its own gradient ({second.coverage})",
        kink=min(first.kink, second.kink),
        reach=min(first.reach, second.reach),
        repeats=first.repeats and second.repeats,
        causes=causes + worse.causes,
        remarks=tuple(dict.fromkeys(first.remarks + second.remarks)),
    )
