"""Optimizers as pairs of pure functions: state goes in and comes back, nothing is mutated.

An optimizer turns a gradient into a change of the parameters: the next parameters are
``parameters + change`` (the convention of Optax). It works element by element on one tensor of any
shape. The parameters of many networks are passed as one vector (`network.to_vector`), because with
few networks the time of a step depends mostly on the number of operations.
"""

from math import sqrt
from typing import NamedTuple

import torch
from torch import Tensor

from autodiff_pipeline.training.method import Optimizer


def gradient_descent(learning_rate: float) -> Optimizer:
    """Step against the gradient (Cauchy 1847): change = -learning_rate * gradient.

    Args: learning_rate, positive, in units of parameters squared per unit of loss.
    """

    def update(gradient: Tensor, state: tuple[()]) -> tuple[Tensor, tuple[()]]:
        return -learning_rate * gradient, state

    return Optimizer(init=lambda parameters: (), update=update)


def momentum(learning_rate: float, momentum: float = 0.9) -> Optimizer:
    """Roll like a heavy ball (Polyak 1964), in the form of torch.optim.SGD.

    velocity = momentum * velocity + gradient; change = -learning_rate * velocity.

    Args: learning_rate, positive, in units of parameters squared per unit of loss; momentum, the
    fraction of the velocity that each step keeps, in [0, 1).
    """

    def update(gradient: Tensor, velocity: Tensor) -> tuple[Tensor, Tensor]:
        velocity = torch.add(gradient, velocity, alpha=momentum)
        return -learning_rate * velocity, velocity

    return Optimizer(init=torch.zeros_like, update=update)


class AdamState(NamedTuple):
    """Running averages of the gradient and of its square, and the number of steps so far."""

    steps: int
    mean: Tensor
    square: Tensor


def adam(
    learning_rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Optimizer:
    """Scale each step by running averages of the gradient (Kingma & Ba, ICLR 2015, algorithm 1).

    The operations are in the order that their section 2 recommends for efficiency.

    Args: learning_rate, about the largest change of a parameter in one step, in its units; beta1
    and beta2, in [0, 1), the fractions of the averages of the gradient and of its square that each
    step keeps; epsilon, positive, added to the root of the averaged square before dividing by it.
    """

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
