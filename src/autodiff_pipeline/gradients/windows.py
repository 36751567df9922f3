"""Slopes from windows: polynomials fitted to values on one side of a point, with error bars.

A window of size T holds 16 values at Chebyshev-like places in (0, T], and a polynomial of each of
a few degrees is fitted to them by least squares. Its slope at 0 is the estimate. Its largest
residual measures, in place, everything that the polynomial does not describe: rounding, the
staircases of a solver, a kink or a jump inside the window, terms of higher degree. By Markov's
inequality a slope cannot hide more than the norm of the slope functional times that residual
over T, so this, twice, is the error bar. The value at 0 is left out of the fit and compared with
it: a kink or a jump nearer to 0 than the first place shows there alone.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles

PLACES = 16
SAFETY = 2.0  # and twice this where the residual is more than rounding, as at t^(3/2)
ROUGH = 16.0  # roundings
GROWTH = 1.03  # of a secant from one window to the next smaller one, at a singularity
TRUNCATION = 1.25  # on what a first missing term T_(degree + 1) does to the slope
ONE_SIDED_DEGREES = (1, 2, 3, 4, 5, 7, 9)
TWO_SIDED_DEGREES = (2, 3, 4, 6, 8, 10, 13, 16)


def places() -> Doubles:
    """Where a window of size 1 is sampled, shape (16,): Chebyshev's places, a little displaced.

    Displaced by an irrational rotation, so that no staircase of equal treads and no format of
    binary numbers is hit in step.
    """
    k = np.arange(PLACES)
    wobble = 0.5 + 0.25 * (np.mod(k * 0.6180339887498949, 1.0) - 0.5)
    return np.asarray(np.sin(np.pi * (k + wobble) / (2 * PLACES)) ** 2)


@dataclass(frozen=True)
class Fit:
    """What a least-squares polynomial does to values at fixed places, as linear maps."""

    slope: Doubles  # (places,): values to the slope at 0 for T = 1
    intercept: Doubles  # (places,): values to the polynomial's value at 0
    residual: Doubles  # (places, places)
    slope_norm: float  # of residuals up to 1: the largest slope they can hide
    intercept_norm: float


@cache
def fits(two_sided: bool) -> tuple[Fit, ...]:
    """The fits of every degree, on (0, 1] or on both sides, values ordered (left, right)."""
    right = places()
    at = np.concatenate([-right, right]) if two_sided else 2 * right - 1
    zero, stretch = (0.0, 1.0) if two_sided else (-1.0, 2.0)
    made = []
    for degree in TWO_SIDED_DEGREES if two_sided else ONE_SIDED_DEGREES:
        columns = chebyshev.chebvander(at, degree)
        solve = np.linalg.pinv(columns)
        units = np.eye(degree + 1)
        derivative = np.array([chebyshev.chebval(zero, chebyshev.chebder(u)) for u in units])
        slope = stretch * derivative @ solve
        intercept = chebyshev.chebvander(np.array([zero]), degree)[0] @ solve
        residual = np.eye(len(at)) - columns @ solve
        missing = degree + 1 if two_sided else 2 * (degree + 1) ** 2
        norm = max(float(np.abs(slope).sum()), TRUNCATION * missing)
        base = float(np.abs(intercept).sum())
        made.append(Fit(slope, intercept, residual, norm, base))
    return tuple(made)


@dataclass(frozen=True)
class Estimates:
    """The best fit of every window: arrays of one shape, NaN or infinite where there is none."""

    slope: Doubles
    half_width: Doubles
    noise: Doubles  # what the fit leaves unexplained, in units of the function
    gain: Doubles  # from noise to half-width
    offset: Doubles  # the fitted value at 0, less the function's
    offset_error: Doubles


def estimates(
    values: Doubles, size: Doubles, rounding: Doubles, blur: Doubles, *, two_sided: bool
) -> Estimates:
    """Fit windows of every degree and keep the narrowest.

    Args: values (..., places, m), less the value at 0; size (..., 1), the window's T > 0, signed:
    negative on the left; rounding (..., m), what one rounding of the function's values amounts
    to; blur (..., 1), one rounding of the number that moves. A function computed in steps is
    that of a number moved by about a rounding, and by another one T away, so its slope is known
    to a relative blur / T only. Close to 1, 1 - x * x shows this: it is 2 (1 - x) there.
    """
    best: list[Doubles] | None = None
    for fit in fits(two_sided):
        slope = np.einsum("p,...pm->...m", fit.slope, values)
        offset = np.einsum("p,...pm->...m", fit.intercept, values)
        left = np.abs(np.einsum("qp,...pm->...qm", fit.residual, values)).max(-2)
        hidden = np.maximum(
            left, (np.abs(offset) - fit.intercept_norm * rounding) / (1 + fit.intercept_norm)
        )
        noise = np.maximum(hidden, rounding)
        width = (SAFETY * fit.slope_norm * noise + blur * np.abs(slope / size)) / np.abs(size)
        gain = np.broadcast_to(SAFETY * fit.slope_norm / np.abs(size), width.shape)
        width = np.where(noise > ROUGH * rounding, 2 * width, width)
        now = [
            slope / size,
            width,
            noise,
            gain,
            offset,
            SAFETY * fit.intercept_norm * np.maximum(left, rounding),
        ]
        now[1] = np.where(np.isfinite(now[0] + width), width, np.inf)
        if best is None:
            best = now
        else:
            better = now[1] < best[1]
            best = [np.where(better, a, b) for a, b in zip(now, best, strict=True)]
    assert best is not None
    return Estimates(*best)


def pooled(noise: Doubles) -> Doubles:
    """Noise (d, windows, m), at least that of both next smaller windows.

    A window may fit its noise well by chance; a kink within one smaller window is no noise.
    """
    out = noise.copy()
    both = np.fmin(noise[:, 1:-1], noise[:, :-2])
    out[:, 2:] = np.fmax(out[:, 2:], np.nan_to_num(both, nan=0.0))
    return out


def grows(secant: Doubles, clear: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether secants (d, windows, m) are clear in the smallest windows and grow steadily there."""
    clear = clear & np.isfinite(secant)
    if secant.shape[1] < 4:
        return np.zeros(clear.any(1).shape, dtype=bool)
    first = np.minimum(clear.argmax(1), secant.shape[1] - 4)[:, None]
    four = [np.take_along_axis(secant, first + k, 1)[:, 0] for k in range(4)]
    steady = clear.any(1) & (first[:, 0] <= 2)
    for smaller, larger in pairwise(four):
        steady &= smaller / larger > GROWTH
    return np.asarray(steady)
