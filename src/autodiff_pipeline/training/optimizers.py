"""Optimizers as pairs of pure functions: state goes in and comes back, nothing is mutated.

An optimizer turns a gradient into a change of the parameters, ``parameters + change`` being the
next ones (the convention of Optax). It works element by element, so parameters are one tensor of
any shape, and those of many networks one vector (`network.to_vector`): with few networks the number
of operations is what takes time.
"""

from math import sqrt
from typing import NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.training.method import Optimizer


def gradient_descent(learning_rate: float) -> Optimizer:
    """Step against the gradient: change = -learning_rate * gradient (Cauchy 1847)."""

    def update(gradient: Tensor, state: tuple[()]) -> tuple[Tensor, tuple[()]]:
        return -learning_rate * gradient, state

    return Optimizer(init=lambda parameters: (), update=update)


def momentum(learning_rate: float, momentum: float = 0.9) -> Optimizer:
    """Roll a heavy ball (Polyak 1964), in the form of torch.optim.SGD.

    velocity = momentum * velocity + gradient; change = -learning_rate * velocity.
    """

    def update(gradient: Tensor, velocity: Tensor) -> tuple[Tensor, Tensor]:
        velocity = torch.add(gradient, velocity, alpha=momentum)
        return -learning_rate * velocity, velocity

    return Optimizer(init=torch.zeros_like, update=update)


class AdamState(NamedTuple):
    """Running averages of the gradient and of its square, and how many there were."""

    steps: int
    mean: Tensor
    square: Tensor


def adam(
    learning_rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Optimizer:
    """Adaptive moments (Kingma & Ba 2015, algorithm 1, in the order of operations of section 2)."""

    def init(parameters: Tensor) -> AdamState:
        return AdamState(0, torch.zeros_like(parameters), torch.zeros_like(parameters))

    def update(gradient: Tensor, state: AdamState) -> tuple[Tensor, AdamState]:
        steps = state.steps + 1
        mean = torch.lerp(state.mean, gradient, 1 - beta1)
        square = torch.addcmul(beta2 * state.square, gradient, gradient, value=1 - beta2)
        spread = sqrt(1 - beta2**steps)
        rate = learning_rate * spread / (1 - beta1**steps)
        change = -rate * (mean / (square.sqrt() + epsilon * spread))
        return change, AdamState(steps, mean, square)

    return Optimizer(init, update)
