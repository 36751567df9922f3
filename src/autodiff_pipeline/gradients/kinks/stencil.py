"""How far the nearest kink is along a direction, and what it does to a finite difference.

Along a line in the space of parameters, p + h d, every preactivation z = w x + b of a network of
one hidden layer moves to z + h dz, where dz = dw x + db. Until the first of them crosses 0, at
h* = min |z / dz|, prediction and loss are polynomials in h, of degree 2 and 4. A stencil of five
points differentiates a polynomial of degree 4 without error, so what it finds is right as long as
it stays within h*, and wrong as soon as it does not.
"""

from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import vmap

from autodiff_pipeline.networks.network import Parameters, mean_squared_error

# f'(0) is about sum(c f(k h)) / h, with an error of order h^4 f'''''
STENCIL = {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12}


class Line(NamedTuple):
    """K ReLU networks, each on its data, and a direction for each to move along."""

    parameters: Parameters  # w b v (K, H) and c (K,)
    direction: Parameters  # of the same shapes
    x: Tensor  # (K, n)
    y: Tensor  # (K, n)


class Slopes(NamedTuple):
    """What is known of the loss of each network along its line, without any difference."""

    kink: Tensor  # (K,) h*: as far as this, the loss is a polynomial of degree 4
    slope: Tensor  # (K,) the derivative of the loss at h = 0
    terms: Tensor  # (K,) mean |2 r f'|, the size of the terms of which the slope is the mean


class _Units(NamedTuple):
    z: Tensor  # (K, H, n) preactivations
    dz: Tensor  # (K, H, n) their slopes
    residual: Tensor  # (K, n) prediction - y


def slopes(line: Line) -> Slopes:
    """The distance of the nearest kink and the slope by hand, for every network."""
    units = _units(line)
    v, dv = line.parameters.v, line.direction.v
    on = units.z > 0
    moved = over_units(dv, units.z.relu()) + over_units(v, units.dz * on)
    moved = moved + line.direction.c[:, None]
    terms = 2 * units.residual * moved
    kink = (units.z / units.dz).abs().flatten(1).amin(1)
    return Slopes(kink, terms.mean(1), terms.abs().mean(1))


def five_point_slopes(line: Line, reaches: Tensor) -> Tensor:
    """The slope by a five-point stencil, for each network and each reach, half of them its step.

    Rounding does not hide what kinks do: the change of the loss from h = 0 is computed as a change,
    from the changes of the preactivations, and not as a difference of losses, which would lose the
    digits that they have in common.

    Args: reaches (K, S), how far the outer points of the stencil are from 0.
    Returns: (K, S).
    """
    units = _units(line)
    below, above = units.z.clamp(max=0), units.z.clamp(min=0)
    least = -above
    v, dv = line.parameters.v, line.direction.v
    by_outer = over_units(dv, above) + line.direction.c[:, None]
    found = []
    for step in (reaches / 2).unbind(1):
        slope = torch.zeros_like(step)
        for place, weight in STENCIL.items():
            h = (place * step)[:, None]
            # relu(z + h dz) - relu(z), without subtracting one from the other
            change = torch.maximum(torch.addcmul(below, h[..., None], units.dz), least)
            of_prediction = over_units(v + h * dv, change) + h * by_outer
            of_loss = (of_prediction * (2 * units.residual + of_prediction)).mean(1)
            slope = slope + weight * of_loss
        found.append(slope / step)
    return torch.stack(found, dim=1)


def plain_slopes(line: Line, reaches: Tensor) -> Tensor:
    """As `five_point_slopes`, from plain losses in float64, as one would do it without thinking."""

    def loss(step: Tensor) -> Tensor:
        moved = zip(line.parameters, line.direction, strict=True)
        at = Parameters(*(p + step.view(-1, *[1] * (p.dim() - 1)) * d for p, d in moved))
        return vmap(partial(mean_squared_error, activation=torch.relu))(at, line.x, line.y)

    if not len(reaches):  # vmap maps over one network at least
        return reaches
    return torch.stack(
        [
            torch.stack([weight * loss(place * step) for place, weight in STENCIL.items()]).sum(0)
            / step
            for step in (reaches / 2).unbind(1)
        ],
        dim=1,
    )


def over_units(weights: Tensor, values: Tensor) -> Tensor:
    """The weighted sum of each network's units: weights (K, H), values (K, H, n), result (K, n).

    Not a product of matrices, whose rounding depends on how many networks there are.
    """
    return (weights[..., None] * values).sum(1)


def _units(line: Line) -> _Units:
    w, b, v, c = line.parameters
    x = line.x[:, None]
    z = torch.addcmul(b[..., None], w[..., None], x)
    dz = torch.addcmul(line.direction.b[..., None], line.direction.w[..., None], x)
    residual = over_units(v, z.relu()) + c[:, None] - line.y
    return _Units(z, dz, residual)
