"""The gradient of the network's loss, derived by hand: backpropagation written out."""

from torch import Tensor

from autodiff_pipeline.networks.activations import activation_named
from autodiff_pipeline.networks.network import Parameters


def network_gradient(
    parameters: Parameters, x: Tensor, y: Tensor, activation: str
) -> tuple[Parameters, Tensor]:
    """Gradient and value of the mean squared error of one network.

    With preactivation a_hi = w_h x_i + b_h, residual r_i = f(x_i) - y_i and loss = mean(r^2), the
    chain rule gives for every unit h

      d/dc = 2 mean(r),                        d/dv_h = 2 mean(r phi(a_h)),
      d/db_h = 2 v_h mean(r phi'(a_h)),        d/dw_h = 2 v_h mean(r phi'(a_h) x).

    Args: parameters of one network, w b v (H,) and c (); x and y (n,) of the same dtype;
    activation, a name as in `activation_named`.
    Returns: (gradient, loss), as `torch.func.grad_and_value` does.
    """
    w, b, v, c = parameters
    phi = activation_named(activation)
    preactivation = w[:, None] * x + b[:, None]
    active = phi.function(preactivation)
    residual = c + (v[:, None] * active).sum(0) - y
    signal = 2 / len(x) * residual  # the derivative of the loss with respect to f(x_i)
    through = signal * phi.derivative(preactivation, active)
    gradient = Parameters(
        w=v * (through * x).sum(1),
        b=v * through.sum(1),
        v=(active * signal).sum(1),
        c=signal.sum(),
    )
    return gradient, residual.square().mean()
