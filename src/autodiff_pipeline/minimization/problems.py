"""What is minimized: a polynomial and a network, each with several functions for its gradient."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
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
from autodiff_pipeline.training import moments

# all parameters as one vector -> (gradient, loss)
GradientAndLoss = Callable[[Tensor], tuple[Tensor, Tensor]]


class Problem(NamedTuple):
    """What is minimized: a start, functions for gradient and loss, and parameter names."""

    start: Tensor
    gradients: Mapping[str, GradientAndLoss]  # the first is "automatic"
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
    gradients = {"automatic": grad_and_value(loss), "by_hand": by_hand}
    problem = Problem(start, gradients, named)
    # Normal equations are harmless at this condition number. lstsq rounds differently from run to
    # run, depending on where in memory its workspace lies. Where x has fewer than three values
    # there is no single solution, and none is given.
    solution, is_singular = torch.linalg.solve_ex(design.T @ design, design.T @ data.y)
    solution = torch.where(is_singular > 0, torch.nan, solution)
    return problem, {"loss": float(loss(solution)), **named(solution)}


def network_problem(data: DataSet, start: Parameters) -> Problem:
    """The least-squares fit of a 1-H-1 ReLU network, from the parameters of ``start``.

    Its third gradient, "moments", is by hand too, without a pass over the data.
    """

    def loss(vector: Tensor) -> Tensor:
        return mean_squared_error(from_vector(vector, start), data.x, data.y, torch.relu)

    def by_hand(vector: Tensor) -> tuple[Tensor, Tensor]:
        gradient, value = network_gradient(from_vector(vector, start), data.x, data.y, "relu")
        return to_vector(gradient), value

    prepared = moments.prepare(data.x[None], data.y[None])

    def by_moments(vector: Tensor) -> tuple[Tensor, Tensor]:
        alone = Parameters(*(value[None, None] for value in from_vector(vector, start)))
        gradient, value = moments.gradient_and_loss(alone, prepared)
        return to_vector(gradient), value[0, 0]

    def named(vector: Tensor) -> Mapping[str, float]:
        return {
            f"{name}{index}": float(value)
            for name, values in from_vector(vector, start)._asdict().items()
            for index, value in enumerate(values.reshape(-1))
        }

    gradients = {"automatic": grad_and_value(loss), "by_hand": by_hand, "moments": by_moments}
    return Problem(to_vector(start), gradients, named)
