"""Baselines for the networks: closed-form fits of the data, and the true model itself."""

from collections.abc import Sequence

import numpy
import torch
from pandas import DataFrame, concat

from autodiff_pipeline.data.data_set import DataSet
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.networks.risk import excess_risk
from autodiff_pipeline.tables.crossed_seeds import Array
from autodiff_pipeline.tables.intervals import independent_interval, interquartile_mean
from autodiff_pipeline.tables.least_squares import DEGREES, least_squares, loss


def baselines(
    data_sets: list[DataSet], *, true_model: str, input_scale: float, noise_scale: float
) -> DataFrame:
    """The excess risk of closed-form fits of every data set, and of the true model.

    Args: true_model, an expression in x; input_scale and noise_scale, as in `data.draw`.
    Returns: a row each for straight_line, quadratic and noise_floor, the true model: baseline,
    data_sets, measure, median, q25, q75, interquartile_mean, ci_low, ci_high of the excess risk
    over data sets, as in `summary`; train_loss, the median mean squared error on the data that were
    fitted; and expected_loss, the interquartile mean plus the variance of the noise, which is the
    mean squared error to expect on new data.
    """
    rows = []
    for baseline, degree in DEGREES.items():
        fits = [least_squares(data.x, data.y, degree) for data in data_sets]
        coefficients = numpy.stack(fits)
        # A parabola is a network of three units with activation a^2: 4 x = (x+1)^2 - (x-1)^2.
        c0, c1, c2 = torch.tensor(coefficients @ numpy.eye(degree + 1, 3)).unbind(1)
        networks = Parameters(
            w=torch.ones(len(data_sets), 3, dtype=torch.float64),
            b=torch.tensor([[0.0, 1.0, -1.0]], dtype=torch.float64).expand(len(data_sets), 3),
            v=torch.stack([c2, c1 / 4, -c1 / 4], dim=1),
            c=c0,
        )
        risk = excess_risk(networks, torch.square, true_model=true_model, input_scale=input_scale)
        rows.append(row(baseline, "excess_risk", risk.numpy(), training_loss(fits, data_sets)))
    none = numpy.zeros(len(data_sets))
    rows.append(row("noise_floor", "excess_risk", none, noise_scale**2))
    frame = concat(rows, ignore_index=True)
    return frame.assign(expected_loss=frame["interquartile_mean"] + noise_scale**2)


def training_loss(fits: Sequence[Array], data_sets: Sequence[DataSet]) -> float:
    """The median, over data sets, of the mean squared error of the polynomials fitted to them."""
    losses = [loss(fit, data.x, data.y) for fit, data in zip(fits, data_sets, strict=True)]
    return float(numpy.median(losses))


def row(baseline: str, measure: str, risk: Array, train_loss: float) -> DataFrame:
    """The row of one baseline: its risk on each data set, in one of two measures, summarized."""
    low, high = independent_interval(risk)
    mean = float(interquartile_mean(risk))
    q25, median, q75 = numpy.quantile(risk, [0.25, 0.5, 0.75])
    cells = {
        "baseline": baseline,
        "data_sets": len(risk),
        "measure": measure,
        "median": median,
        "q25": q25,
        "q75": q75,
        "interquartile_mean": mean,
        "ci_low": float(low),
        "ci_high": float(high),
        "train_loss": train_loss,
    }
    return DataFrame([cells])
