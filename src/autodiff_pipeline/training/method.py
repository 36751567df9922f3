"""Methods of training: what a step is, and how an optimizer becomes one."""

from collections.abc import Callable
from typing import Any, NamedTuple

from torch import Tensor

from autodiff_pipeline.networks.network import Parameters, from_vector, to_vector

# parameters of many networks -> (their gradients, their losses)
GradientAndLoss = Callable[[Parameters], tuple[Parameters, Tensor]]


class Optimizer(NamedTuple):
    """How a gradient becomes a change of the parameters."""

    init: Callable[[Tensor], Any]  # parameters -> state
    update: Callable[[Tensor, Any], tuple[Tensor, Any]]  # (gradient, state) -> (change, state)


class Method(NamedTuple):
    """A method of training, as two pure functions: state goes in and comes back."""

    init: Callable[[Parameters], Any]  # parameters -> state
    # (parameters, state) -> (next parameters, state, the losses of the parameters given)
    step: Callable[[Parameters, Any], tuple[Parameters, Any, Tensor]]


def first_order(gradient_and_loss: GradientAndLoss, optimizer: Optimizer) -> Method:
    """The method of an optimizer that uses nothing but the gradient."""

    def step(parameters: Parameters, state: Any) -> tuple[Parameters, Any, Tensor]:
        gradient, loss = gradient_and_loss(parameters)
        change, state = optimizer.update(to_vector(gradient), state)
        return from_vector(to_vector(parameters) + change, parameters), state, loss

    return Method(lambda parameters: optimizer.init(to_vector(parameters)), step)
