"""Gradient descent on one problem by all of its gradients, some hundred epochs at a time."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import torch
from pandas import DataFrame, concat
from torch import Tensor

from autodiff_pipeline.minimization.problems import GradientAndLoss, Problem
from autodiff_pipeline.training.history import logged_epochs
from autodiff_pipeline.training.method import Optimizer
from autodiff_pipeline.training.optimizers import gradient_descent

AT_ONCE = 512  # epochs held in memory


class Path(NamedTuple):
    """Where one run was at T successive epochs."""

    losses: Tensor  # (T,)
    parameters: Tensor  # (T, P)


class Stretch(NamedTuple):
    """All runs at the same successive epochs; each stretch begins with the last epoch before it."""

    first: int  # epoch
    is_start: bool  # whether the first epoch is not in a stretch before this one
    paths: Mapping[str, Path]  # by gradient


def descents(problem: Problem, *, learning_rate: float, epochs: int) -> Iterator[Stretch]:
    """Minimize a problem by each of its gradients, from epoch 0 to ``epochs``."""
    optimizer = gradient_descent(learning_rate)
    runs = {
        name: _descend(gradient, problem.start, optimizer)
        for name, gradient in problem.gradients.items()
    }
    points = {name: [next(run)] for name, run in runs.items()}
    for first in range(0, max(epochs, 1), AT_ONCE):
        count = min(AT_ONCE, epochs - first)
        for name, run in runs.items():
            points[name] += [next(run) for _ in range(count)]
        paths = {
            name: Path(*map(torch.stack, zip(*of_run, strict=True)))
            for name, of_run in points.items()
        }
        yield Stretch(first, first == 0, paths)
        points = {name: of_run[-1:] for name, of_run in points.items()}


def trace(problem: Problem, stretch: Stretch, *, epochs: int) -> DataFrame:
    """The automatic gradient's run beside the one by hand.

    Args: stretch, of the descents to ``epochs``.
    Returns: epoch, quantity ("loss", then every parameter), automatic, by_hand, difference, at
    those log-spaced epochs from 0 to ``epochs`` that are in the stretch.
    """
    logged = set(logged_epochs(epochs))
    compared = {name: stretch.paths[name] for name in ("automatic", "by_hand")}
    runs = {
        name: DataFrame(
            [
                (epoch, quantity, value)
                for epoch, (loss, parameters) in enumerate(
                    zip(*path, strict=True), start=stretch.first
                )
                if epoch in logged and (epoch > stretch.first or stretch.is_start)
                for quantity, value in {
                    "loss": float(loss),
                    **problem.named(parameters),
                }.items()
            ],
            columns=["epoch", "quantity", name],
        )
        for name, path in compared.items()
    }
    frame = concat([runs["automatic"], runs["by_hand"]["by_hand"]], axis=1)
    return frame.assign(difference=frame["automatic"] - frame["by_hand"])


def _descend(
    gradient_and_loss: GradientAndLoss, start: Tensor, optimizer: Optimizer
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield (loss, parameters) after 0, 1, 2 ... steps."""
    parameters, state = start, optimizer.init(start)
    while True:
        gradient, loss = gradient_and_loss(parameters)
        yield loss, parameters
        change, state = optimizer.update(gradient, state)
        parameters = parameters + change
