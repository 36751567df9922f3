"""The best ReLU networks of a hidden size that can be found, for noisy data and the true model.

The search is Levenberg-Marquardt from many starts. With scalar x a network is linear between its
kinks, and with given kinks its output layer is a linear least squares problem. So a start draws the
kinks at random and solves that problem. From there the loss may only fall, and the network with the
lowest loss of all starts is kept. With many hidden units, lower losses exist than any search finds.
"""

from collections.abc import Sequence

import numpy
import pandas
import torch
from numpy.typing import NDArray
from pandas import DataFrame
from torch import Tensor

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.networks.risk import excess_risk
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.training.levenberg_marquardt import State, levenberg_marquardt
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.method import Method

STEPS = 40
DAMPING = 1.0
MOST_STARTS, STARTS = 64, 200  # STARTS / hidden_size, as larger networks take longer to train
MORE_FOR_TRUTH = 4  # times as many starts, as there is one true model and many data sets
QUANTILES = 2**20  # of the inputs: the outermost lie 4.9 standard deviations out
SOLVED_WITH = 4096  # points at most, from which a start's output layer is computed
AT_ONCE = 2**21  # entries of matrices, 16 MiB: data sets are taken together while they are small
SMALLEST_SINGULAR = 1e-10  # of the largest: units that agree on all points share their weight

# The spread of the kinks, in standard deviations of x, for alternate starts: that of the data, and
# that of the kinks of the best piecewise linear approximation of a parabola, whose density is that
# of the data to the power 1/5 (de Boor, A Practical Guide to Splines, 1978, chapter XII).
WIDTHS = (1.0, 5**0.5)


def starts(hidden_size: int) -> int:
    """The number of starts of the search on one data set, from 64 down to 2."""
    return max(2, min(MOST_STARTS, STARTS // hidden_size))


def best_of_each(
    x: Tensor, y: Tensor, hidden_size: int, count: int, streams: Sequence[torch.Generator]
) -> tuple[Parameters, Tensor]:
    """For each of D data sets the network with the lowest mean squared error among those found.

    Args: x and y (D, n) float64; count, how many starts; streams (D), which draw them.
    Returns: w b v (D, hidden_size) and c (D,), and the losses (D,).
    """
    each = [
        _starts(its_x, its_y, hidden_size, count, stream)
        for its_x, its_y, stream in zip(x, y, streams, strict=True)
    ]
    initial = Parameters(*(torch.stack(values) for values in zip(*each, strict=True)))
    history = train(_descent(x, y), initial, STEPS)
    losses, best = history.losses[-1].min(dim=1)
    every = torch.arange(len(x))
    return Parameters(*(value[every, best] for value in history.final)), losses


def noise_free(true_model: str, input_scale: float) -> tuple[Tensor, Tensor]:
    """Evenly spaced quantiles of x = input_scale N(0, 1), and true_model(x), (QUANTILES,) each.

    The network that fits them best is, up to rounding, the one with the lowest excess risk.
    """
    middles = (torch.arange(QUANTILES, dtype=torch.float64) + 0.5) / QUANTILES
    x = input_scale * torch.special.ndtri(middles)
    return x, tensor_function(parse(true_model))(x)


def best_networks(
    data_sets: Sequence[DataSet],
    hidden_size: int,
    root_seed: int,
    true_model: str,
    input_scale: float,
) -> DataFrame:
    """The best network of one size on every data set, and the best for the true model.

    Returns: one row per data set: data_seed, train_loss, excess_risk, and ``approximation``, the
    excess risk of the best network for the true model.
    """

    def risk_of(networks: Parameters) -> NDArray[numpy.float64]:
        risks = excess_risk(networks, torch.relu, true_model=true_model, input_scale=input_scale)
        return risks.numpy()

    count = starts(hidden_size)
    stream = generator(root_seed, "starts", hidden_size)
    x, y = noise_free(true_model, input_scale)
    for_truth, _ = best_of_each(x[None], y[None], hidden_size, MORE_FOR_TRUTH * count, [stream])
    at_once = max(1, AT_ONCE // (count * (3 * hidden_size + 1) ** 2))
    frames = []
    for first in range(0, len(data_sets), at_once):
        seeds = range(first, min(first + at_once, len(data_sets)))
        x, y = (torch.stack([getattr(data_sets[seed], name) for seed in seeds]) for name in "xy")
        streams = [generator(root_seed, "starts", hidden_size, seed) for seed in seeds]
        networks, losses = best_of_each(x, y, hidden_size, count, streams)
        columns = {"train_loss": losses.numpy(), "excess_risk": risk_of(networks)}
        frames.append(DataFrame({"data_seed": seeds, **columns}))
    return pandas.concat(frames).assign(approximation=risk_of(for_truth)[0])


def _descent(x: Tensor, y: Tensor) -> Method:
    """Levenberg-Marquardt that never climbs, because its starts are already good."""
    method = levenberg_marquardt(x, y, DAMPING)
    return method._replace(init=lambda parameters: State(method.init(parameters).damping, 0.0))


def _starts(
    x: Tensor, y: Tensor, hidden_size: int, count: int, stream: torch.Generator
) -> Parameters:
    """Networks with random kinks and the best output layer: w b v (count, H) and c (count,)."""
    thin = slice(len(x) // (2 * SOLVED_WITH), None, -(-len(x) // SOLVED_WITH))
    centre, spread = x.mean(), x.std(correction=0)
    networks = [
        _start(
            x[thin],
            y[thin],
            _units(hidden_size, WIDTHS[index % 2], index % 4 < 2, stream),
            centre,
            spread,
        )
        for index in range(count)
    ]
    return Parameters(*(torch.stack(values) for values in zip(*networks, strict=True)))


def _units(
    hidden_size: int, width: float, outward: bool, stream: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Kinks in standard deviations of x, one in each of H equally likely intervals, and signs.

    A unit with sign 1 is active right of its kink, one with -1 left of it. Signs are random, or
    such that units are active outward from a random place, so that few units share points.
    """
    uniform = torch.rand(hidden_size + 1, generator=stream, dtype=torch.float64)
    coin = torch.rand(hidden_size, generator=stream, dtype=torch.float64)
    steps = (torch.arange(hidden_size) + uniform[:-1]) / hidden_size
    kinks = width * torch.special.ndtri(steps)
    right = kinks > torch.special.ndtri(uniform[-1]) if outward else coin < 0.5
    return kinks, 2.0 * right.double() - 1


def _start(
    x: Tensor, y: Tensor, units: tuple[Tensor, Tensor], centre: Tensor, spread: Tensor
) -> Parameters:
    kinks, w = units
    b = -w * (centre + spread * kinks)
    active = torch.relu(x[:, None] * w + b)
    design = torch.cat([active, torch.ones_like(x)[:, None]], dim=1)
    output = torch.linalg.lstsq(
        design, y[:, None], rcond=SMALLEST_SINGULAR, driver="gelsd"
    ).solution[:, 0]
    return Parameters(w, b, output[:-1], output[-1])
