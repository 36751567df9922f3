"""The gradient of the network's loss, derived by hand: backpropagation written out."""

from torch import Tensor

from autodiff_pipeline.network import Parameters


def network_gradient(parameters: Parameters, x: Tensor, y: Tensor) -> tuple[Parameters, Tensor]:
    """Gradient and value of the mean squared error of one ReLU network.

    With residual r_i = f(x_i) - y_i and loss = mean(r^2), the chain rule gives, for unit h,
    a_hi = w_h x_i + b_h and its indicator s_hi = [a_hi > 0] (relu'(0) = 0):

      d/dc = 2 mean(r),             d/dv_h = 2 mean(r s_h a_h),
      d/db_h = 2 v_h mean(r s_h),   d/dw_h = 2 v_h mean(r s_h x).

    Args: parameters of one network, w b v (H,) and c (); x and y (n,) of the same dtype.
    Returns: (gradient, loss), as `torch.func.grad_and_value` does.
    """
    w, b, v, c = parameters
    preactivation = w[:, None] * x + b[:, None]
    active = (preactivation > 0).to(x.dtype)
    residual = c + (v[:, None] * (active * preactivation)).sum(0) - y
    signal = 2 / len(x) * residual  # the derivative of the loss with respect to f(x_i)
    through = active * signal
    gradient = Parameters(
        w=v * (through * x).sum(1),
        b=v * through.sum(1),
        v=(through * preactivation).sum(1),
        c=signal.sum(),
    )
    return gradient, residual.square().mean()
