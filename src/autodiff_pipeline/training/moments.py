"""Loss and gradient of one-hidden-layer ReLU networks without passing over the data.

With scalar x the network is piecewise linear, so its loss over all n points needs only, for each
of the H + 1 pieces, the sums of x^2, x, 1, xy, y over the points that lie in it. These are
differences of prefix sums, taken once over the sorted data. A step then costs O(H log n), whatever
n is:

1. unit h turns on or off at its kink -b_h / w_h; sort the kinks;
2. find each kink's rank among the sorted x, and look up the prefix sums there;
3. between kinks f(x) = slope * x + intercept, each a running sum over the kinks passed;
4. sum over pieces, with S_u the sum of u over a piece and r = f(x) - y:

     n * loss = sum_pieces [slope (R_x - S_xy) + intercept (R_1 - S_y)] + sum y^2,
     R_x = sum r x = slope S_xx + intercept S_x - S_xy,
     R_1 = sum r = slope S_x + intercept S_1 - S_y.

The ranks are piecewise constant and f is continuous, so holding them constant gives the exact
gradient wherever it exists: `torch.func.grad` goes straight through `loss`, and by hand
(`gradient_and_loss`), with the sums R taken over the points on which unit h is active,

     d/dw_h = 2 v_h R_x / n,   d/db_h = 2 v_h R_1 / n,   d/dv_h = 2 (w_h R_x + b_h R_1) / n.

No operation mixes two networks, and sums run in an order that does not depend on how many there
are: a network's numbers are the same, to the bit, in any company.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import grad
from torch.nn import functional

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.loop import GradientAndLoss


class Constants(NamedTuple):
    """Numbers as tensors of the data's dtype and device.

    A step of few networks would spend its time on turning numbers into tensors.
    """

    zero: Tensor
    half: Tensor
    one: Tensor
    infinity: Tensor
    in_intercept: Tensor  # (2, 1, 1, 1) 0 for a slope, 1 for an intercept


class Moments(NamedTuple):
    """What training needs of D data sets of n points. Centred, so that sums do not cancel.

    All sums are times 2/n: sums of residuals are then derivatives of the loss.
    """

    x: Tensor  # (D, n) sorted, minus its mean
    prefix: Tensor  # (5, D * (n + 1)) sums of x^2, x, 1, xy, y over the first 0 .. n points
    squares: Tensor  # (D, 1) sum of y^2
    x_mean: Tensor  # (D, 1, 1)
    y_mean: Tensor  # (D, 1, 1)
    first: Tensor  # (D, 1, 1) where each data set begins in prefix
    last: Tensor  # (D, 1, 1) where it ends
    constants: Constants


class Pieces(NamedTuple):
    """Networks as piecewise linear functions of centred x. Pairs belong to (x, 1)."""

    units: Tensor  # (2, D, I, H) weight w and bias b
    sign: Tensor  # (D, I, H) 1 where a unit is active right of its kink, -1 where left
    order: Tensor  # (2, D, I, H) units by kink
    line: Tensor  # (2, D, I, H + 1) slope and intercept of each piece
    sum_y: Tensor  # (2, D, I, H + 1) sums of xy and y over each piece
    sum_r: Tensor  # (2, D, I, H + 1) sums of rx and r over each piece


def prepare(x: Tensor, y: Tensor) -> Moments:
    """Sort and sum D data sets, x and y (D, n), once for all training."""
    data_sets, n = x.shape
    x_mean, y_mean = x.mean(1, keepdim=True), y.mean(1, keepdim=True)
    x, order = (x - x_mean).sort(dim=1)
    y = (y - y_mean).gather(1, order)
    terms = torch.stack([x * x, x, torch.ones_like(x), x * y, y])
    prefix = 2 / n * functional.pad(terms.cumsum(2), (1, 0))
    first = (n + 1) * torch.arange(data_sets, device=x.device)[:, None, None]
    zero, half, one, infinity = x.new_tensor([0, 0.5, 1, torch.inf]).unbind()
    return Moments(
        x=x,
        prefix=prefix.flatten(1),
        squares=2 / n * y.square().sum(1, keepdim=True),
        x_mean=x_mean[:, None],
        y_mean=y_mean[:, None],
        first=first,
        last=first + n,
        constants=Constants(zero, half, one, infinity, x.new_tensor([0, 1]).view(2, 1, 1, 1)),
    )


def loss(parameters: Parameters, moments: Moments) -> Tensor:
    """Mean squared error of I networks on each of D data sets.

    Args: parameters, w b v (D, I, H) and c (D, I), of the data's dtype.
    Returns: (D, I).
    """
    return _loss(_pieces(parameters, moments), moments)


def gradient_and_loss(parameters: Parameters, moments: Moments) -> tuple[Parameters, Tensor]:
    """The gradient by hand, beside the loss: shapes as in `loss`."""
    pieces = _pieces(parameters, moments)
    running = pieces.sum_r.cumsum(-1)
    by_kink, total = running[..., :-1], running[..., -1:]
    left = by_kink.scatter(-1, pieces.order, by_kink)  # of each unit's kink
    active = pieces.sign * (pieces.sign.relu() * total - left)
    w, b = (parameters.v * active).unbind(0)
    gradient = Parameters(
        w=torch.addcmul(w, moments.x_mean, b),
        b=b,
        v=_pairing(pieces.units, active),
        c=total[1, ..., 0],
    )
    return gradient, _loss(pieces, moments)


def centred(parameters: Parameters, moments: Moments) -> tuple[Tensor, Tensor]:
    """The weights w and biases b (D, I, H) of the same networks as functions of centred x."""
    # -0.0 becomes 0.0: then the signed infinities of -b / w are right.
    w = parameters.w + moments.constants.zero
    return w, torch.addcmul(parameters.b, w, moments.x_mean)


def active_range(parameters: Parameters, moments: Moments) -> tuple[Tensor, Tensor]:
    """First and last + 1 of the sorted points on which each unit is active, (D, I, H) each."""
    w, b = centred(parameters, moments)
    rank = _rank(_kink(w, b, moments), moments)
    zero, n = torch.zeros_like(rank), torch.full_like(rank, moments.x.shape[1])
    rising = w >= moments.constants.zero
    return torch.where(rising, rank, zero), torch.where(rising, n, rank)


def batched_gradient(x: Tensor, y: Tensor, gradient: str) -> GradientAndLoss:
    """Gradient and loss of I ReLU networks on each of D data sets.

    Args: x and y (D, n); gradient, "automatic" or "by_hand".
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
        "by_hand": lambda parameters: gradient_and_loss(parameters, moments),
    }[gradient]


def _pieces(parameters: Parameters, moments: Moments) -> Pieces:
    w, b = centred(parameters, moments)
    constants = moments.constants
    sign = torch.copysign(constants.one, w)
    kink, order = _kink(w, b, moments).sort(dim=-1)
    units, order = torch.stack((w, b)), order.expand(2, *order.shape)

    # At x = -inf the falling units are active. Passing its kink turns a rising unit on, which
    # adds v w and v b to slope and intercept, and a falling one off, which takes them away.
    whole = parameters.v * units
    jump = sign * whole
    start = constants.half * (whole - jump).cumsum(-1)[..., -1:]
    offset = parameters.c[..., None] - moments.y_mean
    start = torch.addcmul(start, constants.in_intercept, offset)
    line = torch.cat((start, jump.gather(-1, order)), dim=-1).cumsum(-1)

    sums = _sums_between(kink, moments)
    sum_y = sums[3:]
    sum_r = torch.addcmul(line[0] * sums[:2], line[1], sums[1:3]) - sum_y
    return Pieces(units, sign, order, line, sum_y, sum_r)


def _kink(w: Tensor, b: Tensor, moments: Moments) -> Tensor:
    """Where units turn on (w >= 0, active beyond it) or off (w < 0, active up to it).

    Units are active strictly beyond -b / w, so a point that lies there is left outside by moving
    the kink to the next number on the active side. With w = 0 it is at an infinity, or nan, which
    ranks behind all points: active everywhere where b > 0, else nowhere.
    """
    beyond = torch.copysign(moments.constants.infinity, w)
    return torch.nextafter((-b / w).detach(), beyond.detach())


def _rank(kink: Tensor, moments: Moments) -> Tensor:
    """How many points lie at or before each kink (D, I, H)."""
    return torch.searchsorted(moments.x, kink.flatten(1), right=True).view_as(kink)


def _sums_between(kink: Tensor, moments: Moments) -> Tensor:
    """Sums over the points between consecutive sorted kinks: (5, D, I, H + 1)."""
    ends = (*kink.shape[:-1], 1)
    rank = _rank(kink, moments) + moments.first
    rank = torch.cat((moments.first.expand(ends), rank, moments.last.expand(ends)), dim=-1)
    prefix = moments.prefix.gather(1, rank.flatten().expand(5, -1)).view(5, *rank.shape)
    return prefix[..., 1:] - prefix[..., :-1]


def _pairing(line: Tensor, sums: Tensor) -> Tensor:
    """Slope times the sum of xu, plus intercept times the sum of u."""
    return torch.addcmul(line[0] * sums[0], line[1], sums[1])


def _loss(pieces: Pieces, moments: Moments) -> Tensor:
    terms = _pairing(pieces.line, pieces.sum_r - pieces.sum_y)
    return moments.constants.half * (terms.cumsum(-1)[..., -1] + moments.squares)
