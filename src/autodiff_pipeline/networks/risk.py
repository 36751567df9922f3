"""How far networks are from the true model, integrated over the input distribution."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.kinks import kinks
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.inputs import INPUT_RANGE
from autodiff_pipeline.networks.activations import Elementwise
from autodiff_pipeline.networks.network import Parameters, apply
from autodiff_pipeline.networks.quadrature import NODES, resolve

OUTER = (12.0, 18.0, 26.0, 38.0)  # beyond 38 the density of the normal distribution underflows
GOLDEN = (math.sqrt(5) - 1) / 2
FLAT = 24.0  # |a| beyond which an activation is taken for its asymptote: exp(-24) is 4e-11
UNIT_ROUNDING = 2.0**-50  # of a network's value, relative to the sum of its terms' magnitudes
AT_ONCE = 2**17  # values of hidden units, 1 MiB: bounds memory, however many units there are


def excess_risk(
    parameters: Parameters, activation: Elementwise, *, true_model: str, input_scale: float
) -> Tensor:
    """E[(f(x) - true_model(x))^2] over x = input_scale N(0, 1), noise excluded.

    The relative error is below 1e-9, and below 1e-13 for ReLUs and a polynomial, unless the
    difference drowns in the rounding errors of its terms (tests/networks/test_risk.py). The
    integral covers 38 standard deviations on either side, beyond which the density underflows, so
    that true models that grow are integrated fully; beyond INPUT_RANGE it covers only what the true
    model is defined on. It is split at the kinks of the true model and of each ReLU, and around
    other units so steep that they almost jump.

    Args: parameters of N networks, w b v (N, H) and c (N,), float64; activation, their function;
    true_model, an expression in x; input_scale, the standard deviation of x.
    Returns: (N,) in units of y squared. No network's value depends on the others.
    """
    truth = tensor_function(parse(true_model))

    def weighted(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
        """The function of z that is function(input_scale z) times the root of z's density."""
        return lambda z: (
            function(input_scale * z.flatten()).view_as(z)
            * torch.exp(-z.square() / 4 - math.log(2 * math.pi) / 4)
        )

    breaks = _breaks_of_truth(true_model, input_scale)
    size_of_truth = math.sqrt(resolve(weighted(truth), breaks).integral)
    # A constant is added, or a kink or jump may vanish in the square, as in abs(x) and sign(x).
    breaks = resolve(weighted(lambda x: truth(x) + size_of_truth), breaks).breaks

    def risk(network: Parameters) -> float:
        at_once = max(1, AT_ONCE // len(network.w))

        def difference(x: Tensor) -> Tensor:
            values = torch.cat(
                [apply(network, part, activation) for part in torch.split(x, at_once)]
            )
            return values - truth(x)

        own = _breaks_of_network(network, activation, input_scale)
        inside = own[(own > breaks[0]) & (own < breaks[-1])]
        size = _size_of_network(network, activation, input_scale) + size_of_truth
        return resolve(
            weighted(difference), torch.cat([breaks, inside]).sort().values, UNIT_ROUNDING * size
        ).integral

    with torch.inference_mode():  # saves a fifth of the time of operations on few numbers
        risks = [risk(Parameters(*values)) for values in zip(*parameters, strict=True)]
    return torch.tensor(risks, dtype=torch.float64)


def _breaks_of_truth(true_model: str, input_scale: float) -> Tensor:
    """Breaks in z: about one per standard deviation where the true model is defined, and its kinks.

    None of the former lies at a round number, so that what is steep there is inside a piece.
    """
    expression = parse(true_model)
    bound, outside = int(INPUT_RANGE), len(OUTER)
    inner = [-bound, *(k + GOLDEN for k in range(-bound, bound)), bound]
    breaks = torch.tensor([*(-z for z in reversed(OUTER)), *inner, *OUTER], dtype=torch.float64)
    radius = breaks.diff() / 2
    points = (breaks[:-1] + radius)[:, None] + radius[:, None] * NODES
    defined = ~tensor_function(expression)(input_scale * points).isnan().any(1)
    below = int(defined[:outside].flip(0).cumprod(0).sum())
    above = int(defined[-outside:].cumprod(0).sum())
    breaks = breaks[outside - below : len(breaks) - outside + above]
    bent = kinks(expression, input_scale * breaks[0].item(), input_scale * breaks[-1].item())
    return torch.cat([breaks, bent / input_scale]).sort().values


def _breaks_of_network(network: Parameters, activation: Elementwise, input_scale: float) -> Tensor:
    """Breaks in z: kinks of ReLUs; for other units, if steep, the middle and ends of the ramp."""
    slope = network.w * input_scale
    middle = -network.b / slope
    if activation is torch.relu:
        return middle
    steep = slope.abs() > FLAT
    middle, reach = middle[steep], FLAT / slope[steep]
    return torch.cat([middle - reach, middle, middle + reach])


def _size_of_network(network: Parameters, activation: Elementwise, input_scale: float) -> float:
    """Roughly the root mean square of the sum of |c| and all |v_h phi(a_h)|."""
    w, b, v, c = network
    ends = activation(torch.stack([b - w * input_scale, b + w * input_scale]))
    return float(c.abs() + (v.abs() * ends.abs().amax(0)).sum())
