"""The complex step: derivatives without cancellation, where every operation takes complex numbers.

df/dx_i = Im f(x + i h e_i) / h with a tiny h (Squire & Trapp, SIAM Review 40, 1998). It is exact
to a few ulp for analytic functions, and silently wrong where an operation is not analytic, so it
is believed only inside an interval found otherwise.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator

STEP = 2.0**-100  # of the number


def complex_step(
    evaluator: Evaluator, entries: NDArray[np.int64], numbers: Doubles
) -> Doubles | None:
    """Derivatives (d, m) of every output along entries, or None where the function takes none.

    Args: entries (d,); numbers (n,), where.
    """
    argument = evaluator.argument
    if any(leaf.dtype != torch.float64 for leaf in argument.leaves):
        return None
    rows = []
    for i in entries:
        step = STEP * (abs(float(numbers[i])) or 1.0)
        tensors: Sequence[Tensor] = [
            t[0].to(torch.complex128) for t in argument.tensors(numbers[None])
        ]
        for leaf, tensor in zip(argument.leaves, tensors, strict=True):
            if leaf.start <= i < leaf.stop:
                tensor.view(-1)[i - leaf.start] += 1j * step
        evaluator.evaluations += 1
        try:
            with torch.no_grad(), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # imaginary parts dropped: noticed below
                out = evaluator.function(argument.rebuild(tensors))
        except Exception:  # an operation without complex numbers; they raise many kinds
            return None
        if not isinstance(out, Tensor) or not out.is_complex():
            return None
        with np.errstate(all="ignore"):
            rows.append(out.imag.reshape(-1).double().cpu().numpy() / step)
    return np.stack(rows)
