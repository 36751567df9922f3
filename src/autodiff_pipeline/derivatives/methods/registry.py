"""The methods of differentiation, by the names they have in every table and figure."""

import torch
from torch import Tensor

from autodiff_pipeline.derivatives.methods import automatic, differences
from autodiff_pipeline.derivatives.methods.complex_step import complex_step
from autodiff_pipeline.derivatives.methods.formula import formula
from autodiff_pipeline.derivatives.subject import Method, Subject, Unavailable

METHODS: dict[str, Method] = {
    "formula": formula,
    "reverse_mode": automatic.reverse_mode,
    "forward_mode": automatic.forward_mode,
    "forward_over_reverse": automatic.forward_over_reverse,
    "autograd_grad": automatic.autograd_grad,
    "backward": automatic.backward,
    "forward_difference": differences.forward_difference,
    "central_difference": differences.central_difference,
    "richardson_3": differences.richardson_3,
    "complex_step": complex_step,
    "stable": automatic.stable,
}

_LANES = 64  # a multiple of every vector register's length


def derivative(method: str, subject: Subject, order: int, x: Tensor) -> Tensor:
    """The derivative by the named method, at every element of x and in its dtype.

    Raises Unavailable where the method, or torch itself, cannot handle the subject, the order or
    the dtype.

    Torch computes the last elements of a tensor, those that do not fill a vector register, by
    different code with different results: the derivative of gelu at -8.4 is 0 in a long float32
    tensor and -1.6e-15 in a short one. So x is padded to whole registers, and no value depends on
    how many others there are.
    """
    padding = x[-1:].expand(-len(x) % _LANES)
    return _served(method, subject, order, torch.cat([x, padding]))[: len(x)]


def derivative_in_parts(
    method: str, subject: Subject, order: int, x: Tensor, length: int
) -> Tensor:
    """As `derivative`, but of the function of ``length`` elements at a time: by that other code."""

    def in_parts(x: Tensor) -> Tensor:
        return torch.cat([subject.function(part) for part in torch.split(x, length)])

    return _served(method, subject._replace(function=in_parts), order, x)


def _served(method: str, subject: Subject, order: int, x: Tensor) -> Tensor:
    try:
        return METHODS[method](subject, order, x)
    except (RuntimeError, TypeError, ValueError, OverflowError) as error:
        reason = str(error).strip().splitlines()[0][:120].replace(",", ";")
        raise Unavailable(f"not served by torch: {reason}") from error
