"""Baselines for the networks: closed-form fits of the data, and the true model itself."""

import numpy
import torch
from pandas import DataFrame, concat

from autodiff_pipeline.data import DataSet
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.networks.risk import excess_risk
from autodiff_pipeline.tables.crossed_seeds import Array
from autodiff_pipeline.tables.intervals import independent_interval, interquartile_mean

DEGREES = {"straight_line": 1, "quadratic": 2}  # of the polynomials fitted by least squares


def least_squares(data_set: DataSet, degree: int) -> Array:
    """Coefficients c0, c1, .. of the least-squares polynomial: (degree + 1,)."""
    x, y = data_set.x.numpy(), data_set.y.numpy()
    scale = numpy.abs(x).max() or 1.0
    powers = numpy.vander(x / scale, degree + 1, increasing=True)
    scaled = numpy.linalg.lstsq(powers, y)[0]
    coefficients: Array = scaled / scale ** numpy.arange(degree + 1)
    return coefficients


def baselines(
    data_sets: list[DataSet], *, true_model: str, input_scale: float, noise_scale: float
) -> DataFrame:
    """The excess risk of closed-form fits of every data set, and of the true model.

    Args: true_model, an expression in x; input_scale and noise_scale, as in `data.draw`.
    Returns: a row each for straight_line, quadratic and noise_floor, the true model: baseline,
    data_sets, median, q25, q75, interquartile_mean, ci_low, ci_high of the excess risk over data
    sets, as in `summary`; and expected_loss, the interquartile mean plus the variance of the noise,
    which is the mean squared error to expect on new data.
    """
    risks = {"noise_floor": numpy.zeros(len(data_sets))}
    for baseline, degree in DEGREES.items():
        coefficients = numpy.stack([least_squares(data_set, degree) for data_set in data_sets])
        # A parabola is a network of three units with activation a^2: 4 x = (x+1)^2 - (x-1)^2.
        c0, c1, c2 = torch.tensor(coefficients @ numpy.eye(degree + 1, 3)).unbind(1)
        networks = Parameters(
            w=torch.ones(len(data_sets), 3, dtype=torch.float64),
            b=torch.tensor([[0.0, 1.0, -1.0]], dtype=torch.float64).expand(len(data_sets), 3),
            v=torch.stack([c2, c1 / 4, -c1 / 4], dim=1),
            c=c0,
        )
        risk = excess_risk(networks, torch.square, true_model=true_model, input_scale=input_scale)
        risks[baseline] = risk.numpy()
    return concat(
        [_row(baseline, risks[baseline], noise_scale) for baseline in [*DEGREES, "noise_floor"]],
        ignore_index=True,
    )


def _row(baseline: str, risk: Array, noise_scale: float) -> DataFrame:
    low, high = independent_interval(risk)
    mean = float(interquartile_mean(risk))
    q25, median, q75 = numpy.quantile(risk, [0.25, 0.5, 0.75])
    row = {
        "baseline": baseline,
        "data_sets": len(risk),
        "median": median,
        "q25": q25,
        "q75": q75,
        "interquartile_mean": mean,
        "ci_low": float(low),
        "ci_high": float(high),
        "expected_loss": mean + noise_scale**2,
    }
    return DataFrame([row])
