"""Evaluating a function at many points: by batches where it can be, one by one where not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from autodiff_pipeline.gradients.arguments import Argument, Doubles, numbers_of

BATCH_NUMBERS = 2**22  # numbers in the largest tensor of a batch: tens of megabytes
AGREEMENT = 2.0**10  # ulp by which a batched evaluation may differ from a single one


class _Watch(TorchFunctionMode):
    """Remembers the largest tensor and the coarsest floating format of what runs under it."""

    def __init__(self) -> None:
        super().__init__()
        self.largest = 1
        self.epsilon = 0.0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for value in tree_leaves(out):
            if isinstance(value, Tensor):
                self.largest = max(self.largest, value.numel())
                if value.is_floating_point() or value.is_complex():
                    self.epsilon = max(self.epsilon, torch.finfo(value.dtype).eps)
        return out


class Evaluator:
    """A function of numbers in a row, shape (n,), to outputs in a row, shape (m,), and a count.

    The function always receives fresh tensors, so that one that writes into its argument spoils
    nothing. Its random numbers, if it draws any, are those of torch's global generator, whose
    state `certify` restores.
    """

    def __init__(self, function: Callable[[Any], Any], argument: Argument) -> None:
        self.function = function
        self.argument = argument
        self.evaluations = 0
        self.argument_changed = False
        watch = _Watch()
        with watch:
            first = self._tensor(argument.numbers)
        self.output_shape = tuple(first.shape)
        self.output_epsilon = _epsilon(first.dtype)
        self.inner_epsilon = max(watch.epsilon, self.output_epsilon)
        self.value = numbers_of(first)
        self.noise = np.zeros(len(self.value))  # between calls with the same argument, (m,)
        self.gradient_epsilon = argument.epsilon  # of the numbers of a gradient, (n,)
        self._rows = max(1, BATCH_NUMBERS // max(watch.largest, argument.size, 1))
        self._batched: bool | None = None

    def _tensor(self, row: Doubles) -> Tensor:
        tensors = self.argument.tensors_at(row)
        versions = [t._version for t in tensors]  # counts the writes into a tensor
        self.evaluations += 1
        with torch.no_grad():
            out = self.function(self.argument.rebuild(tensors))
        if not isinstance(out, Tensor):
            raise ValueError(
                f"the function returned {type(out).__name__}: it must return one tensor"
            )
        if out.is_complex():
            raise ValueError("the function returned complex numbers: take its real part, or abs")
        if [t._version for t in tensors] != versions:
            self.argument_changed = True
        return out

    def single(self, row: Doubles) -> Doubles:
        """The outputs (m,) at one row of numbers."""
        return numbers_of(self._tensor(row))

    def values(self, rows: Doubles) -> Doubles:
        """The outputs (rows, m) at many rows of numbers (rows, n)."""
        if len(rows) == 0:
            return np.empty((0, len(self.value)))
        if not self.batches:
            return np.stack([self.single(row) for row in rows])
        parts = [rows[i : i + self._rows] for i in range(0, len(rows), self._rows)]
        return np.concatenate([self._batch(part) for part in parts])

    @property
    def batches(self) -> bool:
        """Whether many points are evaluated at once."""
        if self._batched is None:
            numbers = self.argument.numbers
            wobble = 1 + 1e-3 * np.sin(np.arange(3 * len(numbers))).reshape(3, -1)
            rows = np.concatenate([numbers[None], numbers * wobble + (numbers == 0) * 1e-3])
            self._batched = self._can_batch(self.argument.rounded(rows))
        return self._batched

    def _batch(self, rows: Doubles) -> Doubles:
        def of_leaves(*leaves: Tensor) -> Tensor:
            out: Tensor = self.function(self.argument.rebuild(leaves))
            return out.clone()

        self.evaluations += len(rows)
        with torch.no_grad():
            out = torch.func.vmap(of_leaves)(*self.argument.tensors(rows))
        return numbers_of(out).reshape(len(rows), -1)

    def _can_batch(self, rows: Doubles) -> bool:
        """Whether `vmap` takes the function and returns what single evaluations do."""
        try:
            together = self._batch(rows)
        except Exception:  # vmap raises many kinds, and every one means: one by one
            return False
        alone = np.stack([self.single(row) for row in rows])
        scale = np.abs(alone).max(1, keepdims=True) * AGREEMENT * self.inner_epsilon
        with np.errstate(invalid="ignore"):
            near = (np.abs(together - alone) <= scale) | (together == alone)
        return bool((near | (~np.isfinite(together) & ~np.isfinite(alone))).all())


def in_float64(evaluator: Evaluator) -> Evaluator:
    """The same function in float64 if the point has a format of 16 bits, where that can be.

    Formats with 8 or 11 bits show no slope by differences. The function in float64 does, if it
    takes float64 and returns, at the point, what it returned to within the format's rounding.
    """
    argument = evaluator.argument
    if all(leaf.dtype.itemsize > 2 for leaf in argument.leaves):
        return evaluator
    wide = {torch.float16: torch.float64, torch.bfloat16: torch.float64}
    leaves = tuple(
        replace(leaf, dtype=wide.get(leaf.dtype, leaf.dtype)) for leaf in argument.leaves
    )
    try:
        finer = Evaluator(evaluator.function, replace(argument, leaves=leaves))
    except RuntimeError:  # it takes no float64
        return evaluator
    blur = 64 * evaluator.inner_epsilon * np.abs(evaluator.value).max(initial=0.0)
    if finer.value.shape != evaluator.value.shape or (
        np.abs(finer.value - evaluator.value).max(initial=0.0) > blur
    ):
        return evaluator
    finer.noise = evaluator.noise
    finer.gradient_epsilon = argument.epsilon
    finer.evaluations += evaluator.evaluations
    return finer


def _epsilon(dtype: torch.dtype) -> float:
    return torch.finfo(dtype).eps if dtype.is_floating_point else torch.finfo(torch.float64).eps
