"""Modes of automatic differentiation whose derivatives are judged."""

from collections.abc import Iterable
from itertools import product

import numpy as np

from autodiff_pipeline.derivatives.computed import Computed, Way

MODES = ("reverse_mode", "forward_mode")
_BESIDE_REVERSE_MODE = "autograd_grad"  # torch.func replaces some operators by compositions
_TRIED = 16  # one number in so many shows whether they part company


def ways_to_judge(system: str, orders: Iterable[int]) -> list[Way]:
    """The ways, an order and a mode each, of whose values one needs to know.

    Under the transforms of `torch.func` a few operators, such as binary_cross_entropy_with_logits,
    are computed as compositions of others, so that torch.autograd's own may have other digits.
    """
    beside = [_BESIDE_REVERSE_MODE] if system == "torch" else []
    return list(product(orders, [*MODES, *beside]))


def modes_to_judge(known: Computed) -> tuple[str, ...]:
    """Both modes, and torch.autograd's own where it has other digits at some ascending numbers."""
    for (order, mode), values in known.values.items():
        reverse = known.values.get((order, MODES[0]))
        if mode == _BESIDE_REVERSE_MODE and reverse is not None:
            own, other = (np.nan_to_num(each[::_TRIED]) for each in (reverse, values))
            if not np.array_equal(own, other):
                return (*MODES, mode)
    return MODES
