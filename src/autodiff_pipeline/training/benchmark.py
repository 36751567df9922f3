"""What the benchmark compares: our engines and their peers, started alike and checked alike."""

from collections.abc import Mapping
from functools import partial

from torch import Tensor

from autodiff_pipeline.network import Parameters
from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.loop import GradientAndLoss, first_order
from autodiff_pipeline.training.optimizers import gradient_descent
from autodiff_pipeline.training.peers import PEERS, Run, Start

AGREEMENT = 1e-6  # of losses, relative: rounding grows from step to step


def _ours(
    gradient_and_loss: GradientAndLoss, parameters: Parameters, learning_rate: float, steps: int
) -> Run:
    method = first_order(gradient_and_loss, gradient_descent(learning_rate))
    initial = Parameters(*(value[None] for value in parameters))
    method.step(initial, method.init(initial))  # compiles what is compiled

    def train() -> Tensor:
        trained, state = initial, method.init(initial)
        for _ in range(steps):
            trained, state, _losses = method.step(trained, state)
        return gradient_and_loss(trained)[1][0]

    return train


def start_moments(
    parameters: Parameters, x: Tensor, y: Tensor, learning_rate: float, steps: int, gradient: str
) -> Run:
    """The engine moments, with the gradient "automatic" or "exact"."""
    return _ours(
        moments.batched_gradient(x[None], y[None], gradient), parameters, learning_rate, steps
    )


def start_dense(
    parameters: Parameters, x: Tensor, y: Tensor, learning_rate: float, steps: int
) -> Run:
    """The engine dense, automatic."""
    gradient_and_loss = dense.batched_gradient(x[None], y[None], "automatic", activation="relu")
    return _ours(gradient_and_loss, parameters, learning_rate, steps)


CONTESTANTS: Mapping[str, Start] = {
    "moments": partial(start_moments, gradient="exact"),
    "moments, automatic": partial(start_moments, gradient="automatic"),
    "dense": start_dense,
    **PEERS,
}


def check_losses(losses: Mapping[str, Tensor]) -> None:
    """Raise ArithmeticError unless all contestants, by name, reached the same losses (I,)."""
    (first, expected), *others = losses.items()
    for name, values in others:
        difference = ((values - expected) / expected).abs().max().item()
        if not difference <= AGREEMENT:
            raise ArithmeticError(f"losses of {name} and {first} differ by {difference:.1e}")
