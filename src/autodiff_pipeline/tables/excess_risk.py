"""How far networks are from the truth, integrated over the input distribution."""

import math

import torch
from torch import Tensor
from torch.func import vmap

from autodiff_pipeline.configuration.experiment import INPUT_RANGE
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.networks.network import Activation, Parameters, apply

NODES = 4001  # the spacing, 0.004 standard deviations, leaves a relative error of about 1e-6
CHUNK = 4  # networks at a time: bounds the memory to some CHUNK * H * NODES doubles


def normal_quadrature(nodes: int = NODES) -> tuple[Tensor, Tensor]:
    """Nodes z and weights, each (nodes,) float64, with sum(weights * g(z)) ~ E[g(N(0, 1))].

    The trapezoidal rule on [-8, 8]: exponentially accurate for smooth g, of second order in the
    spacing at the kinks of a ReLU network, where Gauss-Hermite nodes would lie too far apart.
    """
    z = torch.linspace(-INPUT_RANGE, INPUT_RANGE, nodes, dtype=torch.float64)
    density = torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi)
    return z, density / density.sum()


def excess_risk(
    parameters: Parameters, activation: Activation, *, true_model: str, input_scale: float
) -> Tensor:
    """E[(f(x) - true_model(x))^2] over x = input_scale N(0, 1), noise excluded.

    Args: parameters of N networks, w b v (N, H) and c (N,), float64; true_model, an expression.
    Returns: (N,) in units of y squared. No network's value depends on the others.
    """
    z, weights = normal_quadrature()
    x = input_scale * z
    truth = tensor_function(parse(true_model))(x)

    def risk(network: Parameters) -> Tensor:
        return (weights * (apply(network, x, activation) - truth).square()).sum()

    return vmap(risk, chunk_size=CHUNK)(parameters)
