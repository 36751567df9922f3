"""Finite differences against their step: where truncation ends and round-off begins.

A scheme's error is about T h**p + R / h**q: the truncation of its formula, and the round-off of f
divided by the step. With T and R from certified derivatives and the unit round-off the best step
is predicted and compared with the one observed; both slopes are measured.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from autodiff_pipeline.derivatives.methods.complex_step import complex_step_quotient
from autodiff_pipeline.derivatives.methods.differences import (
    central_quotient,
    forward_quotient,
    richardson_quotient,
)
from autodiff_pipeline.derivatives.subject import Elementwise
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.truth.at_points import certified_derivatives

STEP_COLUMNS = "function dtype scheme step max_absolute_error".split()
OPTIMUM_COLUMNS = (
    "function dtype scheme truncation_order truncation_slope roundoff_order roundoff_slope "
    "predicted_step observed_step floor"
).split()
STEPS = [2.0**-k for k in range(54)]  # 1 to 1.1e-16, exact in every format
_POINTS = 501
_TRUNCATION_MARGIN = 4.0  # the branches begin these factors away from the predicted best step
_ROUNDOFF_MARGIN = 8.0
_EXACT_STEPS = 64.0  # times the unit round-off times |x|: smaller steps barely move f(x)
_WIDEST = 0.5  # of the length over which derivatives change: beyond, more than one term counts
_HIGHEST_ORDER = 5  # of the derivatives in the theory


class Scheme(NamedTuple):
    """A finite difference and its theory."""

    quotient: Callable[[Elementwise, Tensor, Tensor], Tensor]  # (function, x, h) -> derivative
    order: int  # of the derivative
    truncation_order: int  # p
    truncation_factor: float  # T is this times the derivative of order (order + p)
    roundoff_order: int  # q; 0: nothing is subtracted
    roundoff_factor: float  # R is this times unit round-off times |f|


SCHEMES = {
    "forward_difference": Scheme(
        lambda f, x, h: forward_quotient(f, 1, x, h),
        order=1,
        truncation_order=1,
        truncation_factor=1 / 2,
        roundoff_order=1,
        roundoff_factor=2.0,
    ),
    "central_difference": Scheme(
        lambda f, x, h: central_quotient(f, 1, x, h),
        order=1,
        truncation_order=2,
        truncation_factor=1 / 24,
        roundoff_order=1,
        roundoff_factor=2.0,
    ),
    "second_central_difference": Scheme(
        lambda f, x, h: central_quotient(f, 2, x, h),
        order=2,
        truncation_order=2,
        truncation_factor=1 / 12,
        roundoff_order=2,
        roundoff_factor=4.0,
    ),
    "richardson_2": Scheme(
        lambda f, x, h: richardson_quotient(f, 1, x, h, levels=2),
        order=1,
        truncation_order=4,
        truncation_factor=1 / 7680,
        roundoff_order=1,
        roundoff_factor=6.0,
    ),
    "complex_step": Scheme(
        complex_step_quotient,
        order=1,
        truncation_order=2,
        truncation_factor=1 / 6,
        roundoff_order=0,
        roundoff_factor=0.0,
    ),
}


def step_size_tables(
    name: str, expression: Expression, interval: tuple[float, float], dtype: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Error by scheme and step, and each scheme's slopes and best step, predicted and observed.

    Returns: a frame of STEP_COLUMNS, with the largest error over 500 to 1000 points of the interval
    (fewer where the dtype has fewer, or where the function or a derivative is undefined or too
    large for a double), and a frame of OPTIMUM_COLUMNS, one row per scheme. Its orders are the
    slopes of the two branches in log-log scale that theory predicts; that of round-off is negative,
    as round-off falls with a growing step. A measured slope is NaN where its branch has too few
    steps or no error, the predicted step where theory has no optimum. Both frames are empty where
    no point is left.
    """
    function = tensor_function(expression)
    grid = _short_numbers(interval, dtype)
    truths = certified_derivatives(expression, grid.tolist(), _HIGHEST_ORDER, FORMATS["float64"])
    sources = [function(grid).numpy(), *(truth.rounded for truth in truths)]
    known = np.all(np.isfinite(sources), axis=0)
    if not known.any():
        return pd.DataFrame(columns=STEP_COLUMNS), pd.DataFrame(columns=OPTIMUM_COLUMNS)
    values, *derivatives = [source[known] for source in sources]
    grid = grid[known]
    x = grid.to(DTYPES[dtype])
    sizes = [float(np.abs(each).max()) for each in (values, *derivatives)]
    steps, optima = [], []
    for scheme_name, scheme in SCHEMES.items():
        errors = _errors(scheme, function, x, derivatives[scheme.order - 1])
        keys = {"function": name, "dtype": dtype, "scheme": scheme_name}
        steps.append(pd.DataFrame({**keys, "step": STEPS, "max_absolute_error": errors}))
        largest_x, roundoff = float(grid.abs().max()), torch.finfo(x.dtype).eps / 2
        optima.append({**keys, **_optimum(scheme, errors, sizes, largest_x, roundoff)})
    return pd.concat(steps, ignore_index=True), pd.DataFrame(optima, columns=OPTIMUM_COLUMNS)


def _short_numbers(interval: tuple[float, float], dtype: str) -> Tensor:
    """Points of the interval with few bits, so that x + h is exact for h far below them.

    Multiples of a power of two: 500 to 1000 where the dtype has them, to which all belong.
    """
    form = FORMATS[dtype]
    start, stop = (Fraction(max(-form.largest, min(end, form.largest))) for end in interval)
    _, top = math.frexp(max(abs(start), abs(stop)))
    finest = max(top - form.precision, form.smallest_ulp_exponent)
    exponent = max(_floor_log2((stop - start) / _POINTS), finest) if start < stop else finest
    spacing = Fraction(2) ** exponent
    first, last = math.ceil(start / spacing), math.floor(stop / spacing)
    points = [math.ldexp(k, exponent) for k in range(first, last + 1)]
    return torch.tensor(points, dtype=torch.float64)


def _floor_log2(ratio: Fraction) -> int:
    bits = ratio.numerator.bit_length() - ratio.denominator.bit_length()
    return bits - (ratio < Fraction(2) ** bits)


def _errors(
    scheme: Scheme, function: Elementwise, x: Tensor, truth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The largest error of each step over the points x, where the truth is known.

    Infinite where a step leaves the function's domain, NaN where torch cannot compute the scheme.
    """
    try:
        values = [scheme.quotient(function, x, torch.full_like(x, h)).double() for h in STEPS]
    except RuntimeError:
        return np.full(len(STEPS), np.nan)
    errors = np.array([float(np.abs(value.numpy() - truth).max()) for value in values])
    return np.where(np.isnan(errors), np.inf, errors)


def _optimum(
    scheme: Scheme,
    errors: NDArray[np.float64],
    sizes: list[float],
    largest_x: float,
    roundoff: float,
) -> dict[str, float]:
    p, q = scheme.truncation_order, scheme.roundoff_order
    truncation = scheme.truncation_factor * sizes[scheme.order + p]
    steps = np.array(STEPS)
    if not truncation or np.isnan(errors).any():
        predicted = observed = np.nan
    elif q:
        rounding = scheme.roundoff_factor * roundoff * sizes[0]
        predicted = (q * rounding / (p * truncation)) ** (1 / (p + q))
        observed = steps[np.argmin(errors)]
    else:  # no round-off: the best step is the widest whose truncation no longer shows
        predicted = (roundoff * sizes[1] / truncation) ** (1 / p)
        observed = steps[np.argmax(errors <= 2 * errors.min())]
    ratios = (a / b for a, b in pairwise(sizes[1:]) if b)
    length = min(ratios, default=math.inf)
    wide = (steps <= _WIDEST * length) & (steps >= _TRUNCATION_MARGIN * predicted)
    narrow = (steps <= predicted / _ROUNDOFF_MARGIN) & (
        steps >= _EXACT_STEPS * roundoff * max(1.0, largest_x)
    )
    return {
        "truncation_order": p,
        "truncation_slope": _slope(steps[wide], errors[wide], 4),
        "roundoff_order": -q,
        "roundoff_slope": _slope(steps[narrow], errors[narrow], 12) if q else np.nan,
        "predicted_step": predicted,
        "observed_step": observed,
        "floor": float(errors.min()),
    }


def _slope(steps: NDArray[np.float64], errors: NDArray[np.float64], shortest: int) -> float:
    """The least-squares slope of log(error) against log(step); NaN where steps are too few."""
    if len(steps) < shortest or not np.all((errors > 0) & np.isfinite(errors)):
        return np.nan
    return float(np.polyfit(np.log(steps), np.log(errors), 1)[0])
