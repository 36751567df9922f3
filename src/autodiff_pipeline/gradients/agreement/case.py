"""What is differentiated: the loss of one network on one data set, as a function of a vector."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from autodiff_pipeline.networks.activations import Elementwise, activation_named
from autodiff_pipeline.networks.network import (
    Parameters,
    from_vector,
    mean_squared_error,
    to_vector,
)

# Step of a central difference: the cube root of the spacing of numbers at 1, which balances
# truncation, its square, against rounding, the spacing over the step.
STEPS = {torch.float32: 2.0**-8, torch.float64: 2.0**-17}

# Parameters up to which methods that pass over the data for each of them are taken.
MOST_PASSES = 1000

# Hidden units up to which all of the Hessian is compared; products with it are at every size.
MOST_UNITS = 20


class Unavailable(Exception):  # noqa: N818 (not an error: a row that is not there)
    """Why a method cannot differentiate this case."""


class Case(NamedTuple):
    """One network, one data set; everything in one dtype."""

    parameters: Parameters  # w b v (H,) and c ()
    x: Tensor  # (n,)
    y: Tensor  # (n,)
    activation: str  # a name as in `activation_named`

    @property
    def vector(self) -> Tensor:
        """All parameters, (3 H + 1,)."""
        return to_vector(self.parameters)

    @property
    def phi(self) -> Elementwise:
        """The activation as a function."""
        return activation_named(self.activation).function

    def loss(self, vector: Tensor) -> Tensor:
        """The mean squared error at other parameters, (): a dense pass over the data."""
        parameters = from_vector(vector, self.parameters)
        return mean_squared_error(parameters, self.x, self.y, self.phi)

    def loss_of_example(self, vector: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """The squared error at one point of the data, x and y ()."""
        parameters = from_vector(vector, self.parameters)
        return mean_squared_error(parameters, x[None], y[None], self.phi)

    def module(self) -> "Module":
        """The same network as an `nn.Module` with layers of torch."""
        return Module(self)

    def to(self, dtype: torch.dtype) -> "Case":
        """The same case with every number rounded to a dtype."""
        parameters = Parameters(*(value.to(dtype) for value in self.parameters))
        return self._replace(parameters=parameters, x=self.x.to(dtype), y=self.y.to(dtype))


class Module(nn.Module):
    """The network as people write it, with `nn.Linear`."""

    def __init__(self, case: Case) -> None:
        super().__init__()
        w, b, v, c = case.parameters
        self.inner = nn.Linear(1, len(w), dtype=w.dtype)
        self.outer = nn.Linear(len(w), 1, dtype=w.dtype)
        self.activation = case.phi
        named = {
            "inner.weight": w[:, None],
            "inner.bias": b,
            "outer.weight": v[None],
            "outer.bias": c[None],
        }
        self.load_state_dict(named)

    def forward(self, x: Tensor) -> Tensor:
        """Predictions (n, 1) at x (n, 1)."""
        out: Tensor = self.outer(self.activation(self.inner(x)))
        return out

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """The mean squared error, by `nn.MSELoss`."""
        error: Tensor = nn.MSELoss()(self(x[:, None]), y[:, None])
        return error
