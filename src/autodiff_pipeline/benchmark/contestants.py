"""What the benchmark compares: our engines and their peers, behind one interface."""

from collections.abc import Mapping

from torch import Tensor

from autodiff_pipeline.benchmark.peers import PEERS, Problem, Run, Start
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.method import GradientAndLoss, first_order
from autodiff_pipeline.training.optimizers import gradient_descent

AGREEMENT = 1e-6  # relative difference of losses: rounding errors grow from step to step


def _ours(gradient_and_loss: GradientAndLoss, problem: Problem, steps: int) -> Run:
    method = first_order(gradient_and_loss, gradient_descent(problem.learning_rate))
    initial = Parameters(*(value[None] for value in problem.initial))
    method.step(initial, method.init(initial))  # compiles what is compiled

    def train() -> Tensor:
        trained, state = initial, method.init(initial)
        for _ in range(steps):
            trained, state, _losses = method.step(trained, state)
        return gradient_and_loss(trained)[1][0]

    return train


def _moments(gradient: str) -> Start:
    def start(problem: Problem, steps: int) -> Run:
        x, y = problem.x[None], problem.y[None]
        return _ours(moments.batched_gradient(x, y, gradient), problem, steps)

    return start


def _dense(gradient: str) -> Start:
    def start(problem: Problem, steps: int) -> Run:
        x, y, activation = problem.x[None], problem.y[None], problem.activation
        compiled = dense.batched_gradient(x, y, gradient, activation, compiled=True)
        return _ours(compiled, problem, steps)

    return start


def contestants(activation: str) -> Mapping[str, Start]:
    """The contestants that can train networks with this activation, by name.

    Our engines use gradients by hand, or those of torch.func where the name says automatic.
    """
    of_relu = {"moments": _moments("by_hand"), "moments, automatic": _moments("automatic")}
    return {
        **(of_relu if activation == "relu" else {}),
        "dense": _dense("by_hand"),
        "dense, automatic": _dense("automatic"),
        **PEERS,
    }


def check_losses(losses: Mapping[str, Tensor]) -> None:
    """Raise ArithmeticError unless all contestants, by name, reached the same losses (I,)."""
    (first, expected), *others = losses.items()
    for name, values in others:
        difference = ((values - expected) / expected).abs().max().item()
        if not difference <= AGREEMENT:
            raise ArithmeticError(f"losses of {name} and {first} differ by {difference:.1e}")
