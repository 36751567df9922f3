"""Which engine trains the networks, and why."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from torch import Tensor

from autodiff_pipeline.training import dense, moments
from autodiff_pipeline.training.method import GradientAndLoss

# Hidden units times samples times epochs from which compiling pays. Networks are not counted, so
# that a network's numbers do not depend on how many others there are.
WORTH_COMPILING = 10**7


class Engine(NamedTuple):
    """A way to compute the losses and gradients of many networks."""

    name: str
    reason: str
    batched_gradient: Callable[[Tensor, Tensor, str], GradientAndLoss]  # (x, y, gradient)
    values_per_unit: Callable[[int], int]  # samples -> numbers computed for each hidden unit


def choose_engine(name: str, activation: str, *, work: int, compiler: bool) -> Engine:
    """The engine of that name; "auto" means moments for relu, and dense for the rest.

    Args: name, "auto", "moments" or "dense"; activation, a name as in `activation_named`; work,
    hidden units times samples times epochs; compiler, whether a C++ compiler is available.
    Raises ValueError where moments are asked for with an activation other than relu.
    """
    if name == "moments" and activation != "relu":
        raise ValueError(
            f"the engine moments works only with the activation relu, not with {activation}"
        )
    if name == "moments" or (name == "auto" and activation == "relu"):
        reason = "relu on scalar inputs needs no pass over the data"
        return Engine("moments", reason, moments.batched_gradient, lambda samples: 1)
    compiled = compiler and work >= WORTH_COMPILING
    if compiled:
        how = "compiled"
    elif compiler:
        how = "not compiled: the training is short"
    else:
        how = "not compiled: there is no C++ compiler, training is several times slower"
    reason = f"{activation} takes a pass over the data at every step, {how}"
    method = partial(dense.batched_gradient, activation=activation, compiled=compiled)
    return Engine("dense", reason, method, lambda samples: samples)
