"""Loss and gradient of one-hidden-layer ReLU networks without passing over the data.

With scalar x the network is piecewise linear, so its loss over all n points needs only, for each
of the H + 1 pieces, the sums of 1, x, x^2, y and xy over the points that lie in it. These are
differences of prefix sums, taken once over the sorted data. A step then costs O(H log n), whatever
n is:

1. unit h turns on or off at its kink -b_h / w_h; sort the kinks;
2. find each kink's rank among the sorted x, and look up the prefix sums there;
3. between kinks f(x) = slope * x + intercept, each a running sum over the kinks passed;
4. sum over pieces, with S_u the sum of u over a piece and r = f(x) - y:

     n * loss = sum_pieces [slope (R_1 - S_xy) + intercept (R_0 - S_y)] + sum y^2,
     R_0 = sum r = slope S_x + intercept S_1 - S_y,
     R_1 = sum r x = slope S_xx + intercept S_x - S_xy.

The ranks are piecewise constant and f is continuous, so holding them constant gives the exact
gradient wherever it exists: `torch.func.grad` goes straight through `loss`, and by hand
(`gradient_and_loss`), with the sums R taken over the points on which unit h is active,

     d/db_h = 2 v_h R_0 / n,   d/dw_h = 2 v_h R_1 / n,   d/dv_h = 2 (w_h R_1 + b_h R_0) / n.

No operation mixes two networks, and sums run in an order that does not depend on how many there
are: a network's numbers are the same, to the bit, in any company.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import grad
from torch.nn import functional

from autodiff_pipeline.network import Parameters
from autodiff_pipeline.training.loop import GradientAndLoss


class Moments(NamedTuple):
    """What training needs of D data sets of n points. Centred, so that sums do not cancel."""

    x: Tensor  # (D, n) sorted, minus its mean
    prefix: Tensor  # (D * (n + 1), 5) sums of 1, x, x^2, y, xy over the first 0 .. n points
    squares: Tensor  # (D, 1) sum of y^2
    x_mean: Tensor  # (D, 1, 1)
    y_mean: Tensor  # (D, 1, 1)


class Pieces(NamedTuple):
    """Networks as piecewise linear functions of centred x."""

    w: Tensor  # (D, I, H)
    b: Tensor  # (D, I, H) for centred x
    rising: Tensor  # (D, I, H) active right of its kink, not left
    order: Tensor  # (D, I, H) units by kink
    slope: Tensor  # (D, I, H + 1)
    intercept: Tensor  # (D, I, H + 1) for centred x and y
    sums: Tensor  # (D, I, H + 1, 5) of 1, x, x^2, y, xy over the points of each piece


def prepare(x: Tensor, y: Tensor) -> Moments:
    """Sort and sum D data sets, x and y (D, n), once for all training."""
    x_mean, y_mean = x.mean(1, keepdim=True), y.mean(1, keepdim=True)
    x, order = (x - x_mean).sort(dim=1)
    y = (y - y_mean).gather(1, order)
    terms = torch.stack([torch.ones_like(x), x, x * x, y, x * y], dim=-1)
    prefix = functional.pad(terms.cumsum(1), (0, 0, 1, 0)).flatten(0, 1)
    squares = y.square().sum(1, keepdim=True)
    return Moments(x, prefix, squares, x_mean[:, None], y_mean[:, None])


def loss(parameters: Parameters, moments: Moments) -> Tensor:
    """Mean squared error of I networks on each of D data sets.

    Args: parameters, w b v (D, I, H) and c (D, I), of the data's dtype.
    Returns: (D, I).
    """
    return _loss(_pieces(parameters, moments), moments)[0]


def gradient_and_loss(parameters: Parameters, moments: Moments) -> tuple[Parameters, Tensor]:
    """The gradient by hand, beside the loss: shapes as in `loss`."""
    pieces = _pieces(parameters, moments)
    losses, residual, residual_x = _loss(pieces, moments)
    scale = 2 / moments.x.shape[1]
    total, r0 = _over_active(scale * residual, pieces)
    _, r1 = _over_active(scale * residual_x, pieces)
    gradient = Parameters(
        w=parameters.v * (r1 + moments.x_mean * r0),
        b=parameters.v * r0,
        v=pieces.w * r1 + pieces.b * r0,
        c=total[..., 0],
    )
    return gradient, losses


def centred(parameters: Parameters, moments: Moments) -> tuple[Tensor, Tensor]:
    """The weights w and biases b (D, I, H) of the same networks as functions of centred x."""
    w = parameters.w + 0.0  # -0.0 becomes 0.0: then the signed infinities of -b / w are right
    return w, parameters.b + w * moments.x_mean


def active_range(parameters: Parameters, moments: Moments) -> tuple[Tensor, Tensor]:
    """First and last + 1 of the sorted points on which each unit is active, (D, I, H) each."""
    w, b = centred(parameters, moments)
    rank = _rank(_kink(w, b), moments)
    zero, n = torch.zeros_like(rank), torch.full_like(rank, moments.x.shape[1])
    return torch.where(w >= 0, rank, zero), torch.where(w >= 0, n, rank)


def batched_gradient(x: Tensor, y: Tensor, gradient: str) -> GradientAndLoss:
    """Gradient and loss of I ReLU networks on each of D data sets.

    Args: x and y (D, n); gradient, "automatic" or "exact".
    Returns: parameters, w b v (D, I, H) and c (D, I) -> (gradient alike, loss (D, I)).
    """
    moments = prepare(x, y)

    def total_and_losses(parameters: Parameters) -> tuple[Tensor, Tensor]:
        losses = loss(parameters, moments)
        return losses.sum(), losses

    # Networks share no parameter, so the gradient of their summed loss is the gradient of each.
    automatic = grad(total_and_losses, has_aux=True)
    return {
        "automatic": automatic,
        "exact": lambda parameters: gradient_and_loss(parameters, moments),
    }[gradient]


def _pieces(parameters: Parameters, moments: Moments) -> Pieces:
    v = parameters.v
    w, b = centred(parameters, moments)
    c = parameters.c[..., None] - moments.y_mean
    rising = w >= 0
    kink, order = _kink(w, b).sort(dim=-1, stable=True)
    falling_v = torch.where(rising, 0.0, v)  # at x = -inf the falling units are active
    turned_v = v - 2 * falling_v  # passing its kink turns a rising unit on, a falling one off
    slope = _running(falling_v * w, turned_v * w, order)
    intercept = _running(falling_v * b, turned_v * b, order)
    return Pieces(w, b, rising, order, slope, intercept + c, _sums_between(kink, moments))


def _kink(w: Tensor, b: Tensor) -> Tensor:
    """Where units turn on (w >= 0, active beyond it) or off (w < 0, active up to it).

    With w = 0 that is -inf (b > 0: always active), +inf or nan (never active). Units are active
    strictly beyond -b / w, so a falling one turns off at the number just before it.
    """
    kink = (-b / w).detach()
    before = torch.nextafter(kink, kink.new_tensor(-torch.inf))
    return torch.where(w >= 0, kink, before)


def _running(at_start: Tensor, at_kink: Tensor, order: Tensor) -> Tensor:
    """Value on each piece (..., H + 1) of what starts at a total and grows at every kink."""
    start = at_start.cumsum(-1)[..., -1:]
    return torch.cat([start, at_kink.gather(-1, order)], dim=-1).cumsum(-1)


def _rank(kink: Tensor, moments: Moments) -> Tensor:
    """How many points lie at or before each kink (D, I, H)."""
    return torch.searchsorted(moments.x, kink.flatten(1), right=True).view_as(kink)


def _sums_between(kink: Tensor, moments: Moments) -> Tensor:
    """Sums over the points between consecutive sorted kinks: (D, I, H + 1, 5)."""
    data_sets, n = moments.x.shape
    rank = functional.pad(functional.pad(_rank(kink, moments), (1, 0)), (0, 1), value=n)
    first_row = (n + 1) * torch.arange(data_sets, device=rank.device)
    return moments.prefix[rank + first_row[:, None, None]].diff(dim=-2)


def _loss(pieces: Pieces, moments: Moments) -> tuple[Tensor, Tensor, Tensor]:
    """The losses (D, I), and the sums of r and r x over every piece (D, I, H + 1)."""
    slope, intercept = pieces.slope, pieces.intercept
    ones, x, xx, y, xy = pieces.sums.unbind(-1)
    residual = slope * x + intercept * ones - y
    residual_x = slope * xx + intercept * x - xy
    terms = slope * (residual_x - xy) + intercept * (residual - y)
    return (
        (terms.cumsum(-1)[..., -1] + moments.squares) / moments.x.shape[1],
        residual,
        residual_x,
    )


def _over_active(sums: Tensor, pieces: Pieces) -> tuple[Tensor, Tensor]:
    """Total over all pieces (D, I, 1), and over those on which each unit is active (D, I, H)."""
    running = sums.cumsum(-1)
    total = running[..., -1:]
    left = torch.zeros_like(pieces.w).scatter(-1, pieces.order, running[..., :-1])
    return total, torch.where(pieces.rising, total - left, left)
