"""Loss and gradient of one-hidden-layer ReLU networks without passing over the data.

With scalar x the network is piecewise linear, so its loss over all n points needs, for each of the
H + 1 pieces, only the sums of x^2, x, 1, xy, y over the points in it. These are differences of
prefix sums, which are computed once over the sorted data. A step then costs O(H log n):

1. unit h turns on or off at its kink -b_h / w_h; sort the kinks;
2. find each kink's rank among the sorted x, and look up the prefix sums there;
3. between kinks f(x) = slope * x + intercept, each a running sum over the kinks passed;
4. sum over pieces, with S_u the sum of u over a piece and r = f(x) - y:

     n * loss = sum_pieces [slope (R_x - S_xy) + intercept (R_1 - S_y)] + sum y^2,
     R_x = sum r x = slope S_xx + intercept S_x - S_xy,
     R_1 = sum r = slope S_x + intercept S_1 - S_y.

The ranks are piecewise constant and f is continuous, so holding the ranks constant gives the right
gradient wherever there is one: `torch.func.grad` simply differentiates `loss`. By hand
(`gradient_and_loss`), with the sums R taken over the points where unit h is active,

     d/dw_h = 2 v_h R_x / n,   d/db_h = 2 v_h R_1 / n,   d/dv_h = 2 (w_h R_x + b_h R_1) / n.

No operation mixes two networks, and the order of sums does not depend on how many networks there
are, so a network's numbers are bitwise the same whichever others are trained with it.
"""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.func import grad
from torch.nn import functional

from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.method import GradientAndLoss


class Constants(NamedTuple):
    """Numbers as tensors of the data's dtype and device.

    With few networks, a step would otherwise spend most of its time turning numbers into tensors.
    """

    far: float  # beyond it squares of x overflow
    zero: Tensor
    half: Tensor
    one: Tensor
    infinity: Tensor
    in_intercept: Tensor  # (2, 1, 1, 1) 0 for a slope, 1 for an intercept


class Moments(NamedTuple):
    """What training needs to know of D data sets of n points.

    Sums are of centred x and y, so that they do not cancel, and are multiplied by 2/n, so that sums
    of residuals are derivatives of the loss.
    """

    x: Tensor  # (D, n) sorted, not centred: decides where a unit is active
    prefix: Tensor  # (5, D * (n + 1)) sums of x^2, x, 1, xy, y over the first 0 .. n points
    squares: Tensor  # (D, 1) sum of y^2
    x_mean: Tensor  # (D, 1, 1)
    y_mean: Tensor  # (D, 1, 1)
    first: Tensor  # (D, 1, 1) where each data set begins in prefix
    last: Tensor  # (D, 1, 1) where it ends
    constants: Constants


class Pieces(NamedTuple):
    """Networks as piecewise linear functions of centred x; axes of size 2 belong to (x, 1)."""

    w: Tensor  # (D, I, H)
    b: Tensor  # (D, I, H)
    sign: Tensor  # (D, I, H) 1 where a unit is active right of its kink, -1 where left
    rising: Tensor  # (D, I, H) 1 where a unit is active right of its kink, 0 where left
    order: Tensor  # (2, D, I, H) the units in the order of their kinks
    slope: Tensor  # (D, I, H + 1) of each piece
    intercept: Tensor  # (D, I, H + 1)
    sum_y: Tensor  # (2, D, I, H + 1) sums of xy and y over each piece
    sum_r: Tensor  # (2, D, I, H + 1) sums of rx and r over each piece


def prepare(x: Tensor, y: Tensor) -> Moments:
    """Sort D data sets, x and y (D, n), and compute their prefix sums, once per training."""
    data_sets, n = x.shape
    x_mean, y_mean = x.mean(1, keepdim=True), y.mean(1, keepdim=True)
    x, order = x.sort(dim=1)
    u, y = x - x_mean, (y - y_mean).gather(1, order)
    terms = torch.stack([u * u, u, torch.ones_like(u), u * y, y])
    prefix = 2 / n * functional.pad(terms.cumsum(2), (1, 0))
    first = (n + 1) * torch.arange(data_sets, device=x.device)[:, None, None]
    far = torch.finfo(x.dtype).max ** 0.5
    zero, half, one, infinity = x.new_tensor([0, 0.5, 1, torch.inf]).unbind()
    return Moments(
        x=x,
        prefix=prefix.flatten(1),
        squares=0.5 * (2 / n * y.square().sum(1, keepdim=True)),
        x_mean=x_mean[:, None],
        y_mean=y_mean[:, None],
        first=first,
        last=first + n,
        constants=Constants(far, zero, half, one, infinity, x.new_tensor([0, 1]).view(2, 1, 1, 1)),
    )


def loss(parameters: Parameters, moments: Moments) -> Tensor:
    """Mean squared error of I networks on each of D data sets.

    Args: parameters, w b v (D, I, H) and c (D, I), of the data's dtype.
    Returns: (D, I).
    """
    return _loss(_pieces(parameters, moments), moments)


def gradient_and_loss(parameters: Parameters, moments: Moments) -> tuple[Parameters, Tensor]:
    """The gradient by hand, of the parameters' shapes, and the loss; arguments as in `loss`."""
    pieces = _pieces(parameters, moments)
    running = pieces.sum_r.cumsum(-1)
    by_kink, total = running[..., :-1], running[..., -1:]
    left = by_kink.scatter(-1, pieces.order, by_kink)  # of each unit's kink
    active = torch.addcmul(pieces.rising * total, pieces.sign, left, value=-1)
    of_x, of_one = active.unbind(0)
    b = parameters.v * of_one
    gradient = Parameters(
        w=torch.addcmul(parameters.v * of_x, moments.x_mean, b),
        b=b,
        v=torch.addcmul(pieces.w * of_x, pieces.b, of_one),
        c=total[1, ..., 0],
    )
    return gradient, _loss(pieces, moments)


def centred(parameters: Parameters, moments: Moments) -> tuple[Tensor, Tensor]:
    """The weights w and biases b (D, I, H) of the same networks as functions of centred x."""
    # Adding 0 turns -0.0 into 0.0, so that a unit with w = 0 counts as rising.
    w = parameters.w + moments.constants.zero
    return w, torch.addcmul(parameters.b, w, moments.x_mean)


def active_range(parameters: Parameters, moments: Moments) -> tuple[Tensor, Tensor]:
    """The first and last + 1 of the sorted points where each unit is active, (D, I, H) each."""
    w, _ = centred(parameters, moments)
    sign, rising = _sides(w, moments.constants)
    rank = _rank(_kink(w, parameters.b, sign, rising, moments.constants), moments)
    zero, n = torch.zeros_like(rank), torch.full_like(rank, moments.x.shape[1])
    return torch.where(rising > 0, rank, zero), torch.where(rising > 0, n, rank)


def batched_gradient(x: Tensor, y: Tensor, gradient: str) -> GradientAndLoss:
    """Gradient and loss of I ReLU networks on each of D data sets.

    Args: x and y (D, n); gradient, "automatic" or "by_hand".
    Returns: a function from parameters, w b v (D, I, H) and c (D, I), to their gradient, of the
    same shapes, and their losses (D, I).
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
    sign, rising = _sides(w, constants)
    kink, order = _kink(w, parameters.b, sign, rising, constants).sort(dim=-1)
    order = order.expand(2, *order.shape)

    # At x = -inf the falling units are active. A kink turns a rising unit on, which adds v w to
    # the slope and v b to the intercept, or a falling unit off, which subtracts them.
    whole = parameters.v * torch.stack((w, b))
    jump = sign * whole
    start = constants.half * (whole - jump).cumsum(-1)[..., -1:]
    offset = parameters.c[..., None] - moments.y_mean
    start = torch.addcmul(start, constants.in_intercept, offset)
    line = torch.cat((start, jump.gather(-1, order)), dim=-1).cumsum(-1)
    slope, intercept = line.unbind(0)

    sums = _sums_between(kink, moments)
    sum_y = sums[3:]
    sum_r = torch.addcmul(slope * sums[:2], intercept, sums[1:3]) - sum_y
    return Pieces(w, b, sign, rising, order, slope, intercept, sum_y, sum_r)


def _sides(w: Tensor, constants: Constants) -> tuple[Tensor, Tensor]:
    """On which side of its kink each unit is active: (1, 1) if right of it, (-1, 0) if left."""
    sign = torch.copysign(constants.one, w.detach())
    return sign, sign.relu()


def _kink(w: Tensor, b: Tensor, sign: Tensor, rising: Tensor, constants: Constants) -> Tensor:
    """The largest number up to which a unit is off (rising) or on (falling): (D, I, H).

    A unit is on where w * x + b > 0, each operation rounded and x not centred, as in the dense
    engine. A rounded sum is positive just where the sum is, so a unit is on where the rounded
    product w * x exceeds -b. For a rising unit the product never falls as x rises, so there is a
    last number at which it is off. Product and quotient are each off by half a unit in the last
    place at most, so this is the rounded quotient -b / w or one of its two neighbours; whether the
    unit is off at the quotient, and at the next number beyond it, decides which. For a falling unit
    the same holds from the other side, with the first number at which it is on.

    A unit with w = 0 has its kink far away on either side, or at NaN, which ranks behind all
    points: it is on everywhere if b > 0, and nowhere otherwise. Where w * x is subnormal, more than
    two numbers may round alike, and some of those away from the quotient may wrongly count as on.
    """
    w, level = w.detach(), -b.detach()
    quotient = (level / w).clamp(-constants.far, constants.far)
    beyond = torch.nextafter(quotient, sign * constants.infinity)
    off = (w * quotient).le_(level) + (w * beyond).le_(level)  # how many of the two
    return torch.lerp(quotient, beyond, off - rising)


def _rank(kink: Tensor, moments: Moments) -> Tensor:
    """How many points lie at or before each kink (D, I, H)."""
    return torch.searchsorted(moments.x, kink.flatten(1), right=True).view_as(kink)


def _sums_between(kink: Tensor, moments: Moments) -> Tensor:
    """Sums over the points between consecutive sorted kinks: (5, D, I, H + 1)."""
    ends = (*kink.shape[:-1], 1)
    rank = _rank(kink, moments) + moments.first
    rank = torch.cat((moments.first.expand(ends), rank, moments.last.expand(ends)), dim=-1)
    prefix = moments.prefix.gather(1, rank.flatten().expand(5, -1)).view(5, *rank.shape)
    return prefix.diff(dim=-1)


def _loss(pieces: Pieces, moments: Moments) -> Tensor:
    of_x, of_one = (pieces.sum_r - pieces.sum_y).unbind(0)
    terms = torch.addcmul(pieces.slope * of_x, pieces.intercept, of_one)
    return torch.add(moments.squares, terms.cumsum(-1)[..., -1], alpha=0.5)
