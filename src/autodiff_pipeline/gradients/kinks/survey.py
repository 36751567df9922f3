"""Every trained network: its nearest kink, a finite difference on both sides, and gradcheck."""

import numpy
import torch
from pandas import DataFrame, concat
from torch import Tensor

from autodiff_pipeline.gradients.kinks.gradcheck import false_alarms
from autodiff_pipeline.gradients.kinks.stencil import (
    Line,
    Slopes,
    five_point_slopes,
    plain_slopes,
    slopes,
)
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.randomness import generator

REACHES = (0.99, 1.01)  # of the stencil, in units of the distance of the nearest kink
PROFILE = tuple(2.0 ** (k / 2) for k in range(-16, 17))  # the reaches that a profile shows
AT_ONCE = 2**16  # values of hidden units that fit into a cache
MOST = 2**22  # values of the hidden units of one network: 32 MiB in each of several arrays


def kink_survey(
    networks: DataFrame, parameters: Parameters, x: Tensor, y: Tensor, *, root_seed: int
) -> DataFrame:
    """The error of the five-point stencil just inside and just outside of the nearest kink.

    All networks of a hidden size move along the same random direction.

    Args: networks, of which those with status "trained" are taken, and their parameters, w b v
    (K, H) and c (K,); x and y (D, n), by data seed, of which as many points are taken as a network
    has room for, MOST values of its hidden units.
    Returns: data_seed, init_seed, false_alarm (of gradcheck, by its defaults), kink_distance, reach
    (in units of kink_distance) and error: of the slope, relative to the mean of |2 r f'|, of which
    the slope itself, the mean of 2 r f', may be a small remainder.
    """
    frames = []
    trained, parameters = _trained(networks, parameters)
    x, y = _as_much_as_fits(x, parameters), _as_much_as_fits(y, parameters)
    data_set = torch.tensor(trained["data_seed"].to_numpy())
    values_of_one = x.shape[1] * parameters.w.shape[1]
    for part in torch.split(torch.arange(len(trained)), max(1, AT_ONCE // values_of_one)):
        line = _line(parameters, part, x[data_set[part]], y[data_set[part]], root_seed)
        known = slopes(line)
        reaches = torch.tensor(REACHES, dtype=torch.float64).expand(len(part), -1)
        errors = _errors(five_point_slopes(line, known.kink[:, None] * reaches), known)
        frame = trained.iloc[part.numpy()].assign(
            false_alarm=false_alarms(line.parameters, line.x, line.y, AT_ONCE).numpy(),
            kink_distance=known.kink.numpy(),
        )
        frames.append(
            frame.loc[frame.index.repeat(len(REACHES))].assign(
                reach=reaches.flatten().numpy(), error=errors.flatten().numpy()
            )
        )
    found: DataFrame = concat(frames)
    return found


def kink_profile(
    networks: DataFrame, parameters: Parameters, x: Tensor, y: Tensor, *, root_seed: int
) -> DataFrame:
    """The error by reach of the first network that trained; arguments as for `kink_survey`.

    Returns: data_seed, init_seed, kink_distance, reach, error (as `kink_survey` measures it) and
    error_of_losses (where the stencil subtracts plain losses); no rows where no network trained.
    """
    trained, parameters = _trained(networks, parameters)
    first = trained.head(1)
    x, y = _as_much_as_fits(x, parameters), _as_much_as_fits(y, parameters)
    data_set = torch.tensor(first["data_seed"].to_numpy())
    line = _line(parameters, torch.arange(len(first)), x[data_set], y[data_set], root_seed)
    known = slopes(line)
    reaches = torch.tensor(PROFILE, dtype=torch.float64).expand(len(first), -1)
    steps = known.kink[:, None] * reaches
    errors = _errors(five_point_slopes(line, steps), known)
    of_losses = _errors(plain_slopes(line, steps), known)
    return first.loc[first.index.repeat(len(PROFILE))].assign(
        kink_distance=known.kink.repeat_interleave(len(PROFILE)).numpy(),
        reach=reaches.flatten().numpy(),
        error=errors.flatten().numpy(),
        error_of_losses=of_losses.flatten().numpy(),
    )


def _trained(networks: DataFrame, parameters: Parameters) -> tuple[DataFrame, Parameters]:
    is_trained = (networks["status"] == "trained").to_numpy()
    chosen = torch.from_numpy(numpy.flatnonzero(is_trained))
    seeds = networks.loc[is_trained, ["data_seed", "init_seed"]]
    return seeds, Parameters(*(value[chosen] for value in parameters))


def _as_much_as_fits(points: Tensor, parameters: Parameters) -> Tensor:
    return points[:, : max(1, MOST // parameters.w.shape[1])]


def _line(parameters: Parameters, part: Tensor, x: Tensor, y: Tensor, root_seed: int) -> Line:
    hidden_size = parameters.w.shape[1]
    stream = generator(root_seed, "directions", hidden_size)
    drawn = torch.randn(3 * hidden_size + 1, generator=stream, dtype=torch.float64)
    w, b, v, c = torch.split(drawn.expand(len(part), -1), [*[hidden_size] * 3, 1], dim=1)
    of_part = Parameters(*(value[part] for value in parameters))
    return Line(of_part, Parameters(w, b, v, c[:, 0]), x, y)


def _errors(found: Tensor, known: Slopes) -> Tensor:
    return (found - known.slope[:, None]).abs() / known.terms[:, None]
