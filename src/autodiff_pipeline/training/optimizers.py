"""Optimizers as pairs of pure functions: state goes in and comes back, nothing is mutated.

An optimizer turns a gradient into a change of the parameters, ``parameters + change`` being the
next ones (the convention of Optax). Gradients and parameters are any pytree of tensors.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.utils._pytree import tree_map  # the pytrees of torch.func


class Optimizer(NamedTuple):
    """How a gradient becomes a change of the parameters."""

    init: Callable[[Any], Any]  # parameters -> state
    update: Callable[[Any, Any], tuple[Any, Any]]  # (gradient, state) -> (change, state)


def add(parameters: Any, change: Any) -> Any:
    """``parameters + change``, leaf by leaf."""
    return tree_map(torch.add, parameters, change)


def gradient_descent(learning_rate: float) -> Optimizer:
    """Step against the gradient: change = -learning_rate * gradient (Cauchy 1847)."""

    def update(gradient: Any, state: tuple[()]) -> tuple[Any, tuple[()]]:
        return tree_map(lambda g: -learning_rate * g, gradient), state

    return Optimizer(init=lambda parameters: (), update=update)


def momentum(learning_rate: float, momentum: float = 0.9) -> Optimizer:
    """Roll a heavy ball (Polyak 1964), in the form of torch.optim.SGD.

    velocity = momentum * velocity + gradient; change = -learning_rate * velocity.
    """

    def update(gradient: Any, velocity: Any) -> tuple[Any, Any]:
        velocity = tree_map(lambda u, g: momentum * u + g, velocity, gradient)
        return tree_map(lambda u: -learning_rate * u, velocity), velocity

    return Optimizer(init=lambda parameters: tree_map(torch.zeros_like, parameters), update=update)


class AdamState(NamedTuple):
    """Running averages of the gradient and of its square, and how many there were."""

    steps: Tensor
    mean: Any
    square: Any


def adam(
    learning_rate: float, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8
) -> Optimizer:
    """Adaptive moments (Kingma & Ba 2015, algorithm 1)."""

    def init(parameters: Any) -> AdamState:
        zeros = tree_map(torch.zeros_like, parameters)
        return AdamState(torch.zeros((), dtype=torch.float64), zeros, zeros)

    def update(gradient: Any, state: AdamState) -> tuple[Any, AdamState]:
        steps = state.steps + 1
        mean = tree_map(lambda m, g: beta1 * m + (1 - beta1) * g, state.mean, gradient)
        square = tree_map(lambda s, g: beta2 * s + (1 - beta2) * g * g, state.square, gradient)
        rate = learning_rate / (1 - beta1**steps)
        spread = (1 - beta2**steps).sqrt()
        change = tree_map(lambda m, s: -rate * m / (s.sqrt() / spread + epsilon), mean, square)
        return change, AdamState(steps, mean, square)

    return Optimizer(init, update)


OPTIMIZERS: Mapping[str, Callable[..., Optimizer]] = {
    "gradient_descent": gradient_descent,
    "momentum": momentum,
    "adam": adam,
}
