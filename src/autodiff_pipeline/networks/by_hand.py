"""The gradient of the network's loss, derived by hand: backpropagation written out."""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.func import jvp

from autodiff_pipeline.networks.network import ACTIVATIONS, Activation, Parameters
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS

Derivative = Callable[[Tensor, Tensor], Tensor]


def _silu_derivative(a: Tensor, _: Tensor) -> Tensor:
    s = torch.sigmoid(a)
    return s + a * s * (1 - s)


def _gelu_derivative(a: Tensor, _: Tensor) -> Tensor:
    distribution: Tensor = torch.special.ndtr(a)
    density = torch.exp(-a.square() / 2) / math.sqrt(2 * math.pi)
    return distribution + a * density


def _derivative_of(stable: Activation) -> Derivative:
    return lambda a, _: jvp(stable, (a,), (torch.ones_like(a),))[1]


# From a and phi(a) to phi'(a): most need no more than the value. Right to the rounding of
# max(1, |a|): where 1 - value cancels, a derivative near 0 has fewer digits, unless it is stable.
DERIVATIVES: Mapping[str, Derivative] = {
    "relu": lambda a, value: (a > 0).to(a.dtype),  # relu'(0) = 0
    "tanh": lambda a, value: 1 - value.square(),
    "sigmoid": lambda a, value: value * (1 - value),
    "softplus": lambda a, value: torch.sigmoid(a),
    "gelu": _gelu_derivative,
    "silu": _silu_derivative,
    # By hand already: the derivative that the stable rule of each activation carries.
    **{name: _derivative_of(stable) for name, stable in STABLE_ACTIVATIONS.items()},
}


def network_gradient(
    parameters: Parameters, x: Tensor, y: Tensor, activation: str
) -> tuple[Parameters, Tensor]:
    """Gradient and value of the mean squared error of one network.

    With preactivation a_hi = w_h x_i + b_h, residual r_i = f(x_i) - y_i and loss = mean(r^2), the
    chain rule gives for every unit h

      d/dc = 2 mean(r),                        d/dv_h = 2 mean(r phi(a_h)),
      d/db_h = 2 v_h mean(r phi'(a_h)),        d/dw_h = 2 v_h mean(r phi'(a_h) x).

    Args: parameters of one network, w b v (H,) and c (); x and y (n,) of the same dtype;
    activation, a name in ACTIVATIONS.
    Returns: (gradient, loss), as `torch.func.grad_and_value` does.
    """
    w, b, v, c = parameters
    preactivation = w[:, None] * x + b[:, None]
    active = ACTIVATIONS[activation](preactivation)
    residual = c + (v[:, None] * active).sum(0) - y
    signal = 2 / len(x) * residual  # the derivative of the loss with respect to f(x_i)
    through = signal * DERIVATIVES[activation](preactivation, active)
    gradient = Parameters(
        w=v * (through * x).sum(1),
        b=v * through.sum(1),
        v=(active * signal).sum(1),
        c=signal.sum(),
    )
    return gradient, residual.square().mean()
