"""One problem minimized twice: with the automatic gradient and with the one derived by hand.

Both runs are the same few lines of gradient descent from the same start, and differ only in the
function that computes the gradient. So their results differ only by rounding, which grows where the
descent is unstable.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import torch
from pandas import DataFrame, concat
from torch import Tensor
from torch.func import grad_and_value

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.networks.by_hand import network_gradient
from autodiff_pipeline.networks.network import (
    Parameters,
    from_vector,
    mean_squared_error,
    to_vector,
)
from autodiff_pipeline.training.history import logged_epochs
from autodiff_pipeline.training.method import Optimizer
from autodiff_pipeline.training.optimizers import gradient_descent

# all parameters as one vector -> (gradient, loss)
GradientAndLoss = Callable[[Tensor], tuple[Tensor, Tensor]]


class Problem(NamedTuple):
    """What is minimized: a start, two functions for loss and gradient, and parameter names."""

    start: Tensor
    automatic: GradientAndLoss
    by_hand: GradientAndLoss
    named: Callable[[Tensor], Mapping[str, float]]


def polynomial_problem(data: DataSet, input_scale: float) -> tuple[Problem, Mapping[str, float]]:
    """The least-squares fit of c0 + c1 x + c2 x^2, and its closed-form solution.

    The descent works in u = x / input_scale, where the condition number of the Hessian is about 6
    (in x itself it is about 45,000: tests/test_readme.py); coefficients are reported for powers
    of x.

    Returns: the problem, and the solution's "loss", "c0", "c1" and "c2", NaN where there are many.
    """
    powers = torch.arange(3)
    design = (data.x[:, None] / input_scale) ** powers

    def loss(coefficients: Tensor) -> Tensor:
        return (design @ coefficients - data.y).square().mean()

    def by_hand(coefficients: Tensor) -> tuple[Tensor, Tensor]:
        residual = design @ coefficients - data.y
        return 2 / len(residual) * design.T @ residual, residual.square().mean()

    def named(coefficients: Tensor) -> Mapping[str, float]:
        in_x = coefficients / input_scale**powers
        return {f"c{power}": float(value) for power, value in enumerate(in_x)}

    start = torch.zeros(3, dtype=data.x.dtype)
    problem = Problem(start, grad_and_value(loss), by_hand, named)
    # Normal equations are harmless at this condition number. lstsq rounds differently from run to
    # run, depending on where in memory its workspace lies. Where x has fewer than three values
    # there is no single solution, and none is given.
    solution, is_singular = torch.linalg.solve_ex(design.T @ design, design.T @ data.y)
    solution = torch.where(is_singular > 0, torch.nan, solution)
    return problem, {"loss": float(loss(solution)), **named(solution)}


def network_problem(data: DataSet, start: Parameters) -> Problem:
    """The least-squares fit of a 1-H-1 ReLU network, from the parameters of ``start``."""

    def loss(vector: Tensor) -> Tensor:
        return mean_squared_error(from_vector(vector, start), data.x, data.y, torch.relu)

    def by_hand(vector: Tensor) -> tuple[Tensor, Tensor]:
        gradient, value = network_gradient(from_vector(vector, start), data.x, data.y, "relu")
        return to_vector(gradient), value

    def named(vector: Tensor) -> Mapping[str, float]:
        return {
            f"{name}{index}": float(value)
            for name, values in from_vector(vector, start)._asdict().items()
            for index, value in enumerate(values.reshape(-1))
        }

    return Problem(to_vector(start), grad_and_value(loss), by_hand, named)


def trace(problem: Problem, *, learning_rate: float, epochs: int) -> DataFrame:
    """Minimize a problem by either gradient, and compare the two runs.

    Args: learning_rate and epochs, of gradient descent.
    Returns: epoch, quantity ("loss", then every parameter), automatic, by_hand, difference, at
    log-spaced epochs from 0 to ``epochs``.
    """
    optimizer = gradient_descent(learning_rate)
    logged = logged_epochs(epochs)
    runs = {
        name: DataFrame(
            [
                (epoch, quantity, value)
                for epoch, loss, parameters in _descend(gradient, problem.start, optimizer, epochs)
                if epoch in logged
                for quantity, value in {"loss": loss, **problem.named(parameters)}.items()
            ],
            columns=["epoch", "quantity", name],
        )
        for name, gradient in {"automatic": problem.automatic, "by_hand": problem.by_hand}.items()
    }
    frame = concat([runs["automatic"], runs["by_hand"]["by_hand"]], axis=1)
    return frame.assign(difference=frame["automatic"] - frame["by_hand"])


def _descend(
    gradient_and_loss: GradientAndLoss, start: Tensor, optimizer: Optimizer, epochs: int
) -> Iterator[tuple[int, float, Tensor]]:
    """Yield (epoch, loss, parameters) after 0, 1, ... ``epochs`` steps."""
    parameters, state = start, optimizer.init(start)
    for epoch in range(epochs + 1):
        gradient, loss = gradient_and_loss(parameters)
        yield epoch, float(loss), parameters
        change, state = optimizer.update(gradient, state)
        parameters = parameters + change
