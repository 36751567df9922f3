"""A closer look at slopes that rounding blurs: many more values, whose rounding averages out.

The windows of `windows` bound an error by the largest residual, as if all roundings conspired.
Where a function changes by millions of its roundings they do not: they are as good as random, and
the slope of a polynomial through hundreds of values is known to a standard deviation. Eight of
those are the half-width here. What is not random is left out: an estimate counts if it lies inside
of the interval known before, if all smaller windows agree with it, and if the polynomial has half
as many degrees again as it takes to leave nothing but noise. Noise that comes in waves, as where
an inner value is hardly resolved, counts by what it has at the wavelengths of the polynomial.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Doubles
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.ladder import Slopes
from autodiff_pipeline.gradients.steps import Directions, along, roundings

COARSE, HOPELESS = 2.0**-34, 2.0**-18  # relative half-widths between which it may help
LOOKED_AT = 12  # slopes, those that matter most first
FEW, MANY = 2**8, 2**13  # values in a window, in any and in the best one
HIGHER = 32  # degrees beyond the polynomial's, which show what is left and is not white
DEGREES = (2, 4, 6, 8, 10, 13, 16, 20, 25, 31, 38)
GROWTH = 2.0**0.5  # from one window to the next
BEYOND = (-2, 12)  # windows looked at, beside the best one known
PLATEAU = 1.2  # times the least noise of any degree, to be noise alone
DEVIATIONS = 8.0  # standard ones
LEAST_NOISE = 0.25  # roundings: what one rounding to nearest leaves


@cache
def _places(count: int) -> Doubles:
    """Where a window of size 1 is sampled, (count,): Chebyshev's places, each displaced."""
    k = np.arange(count)
    displaced = 0.5 + 0.8 * (np.mod(k * 0.6180339887498949, 1.0) - 0.5)
    return np.asarray(-np.cos(np.pi * (k + displaced) / count))


@cache
def _fit(count: int, degree: int) -> tuple[Doubles, Doubles]:
    """An orthonormal basis of higher polynomials too, and its triangle of a QR decomposition.

    The first degree + 1 columns of the basis are the polynomials of the degree and below.
    """
    basis, triangle = np.linalg.qr(chebyshev.chebvander(_places(count), degree + HIGHER))
    return basis, triangle


def _slope(parts: Doubles, count: int, degree: int, at: float) -> tuple[float, float]:
    """The slope of a fit at a place, and its standard deviation for values with one of 1."""
    own = slice(degree + 1)
    there = np.array([chebyshev.chebval(at, chebyshev.chebder(u)) for u in np.eye(degree + 1)])
    functional = np.linalg.solve(_fit(count, degree)[1][own, own].T, there)
    return float(functional @ parts[own]), float(np.linalg.norm(functional))


@dataclass(frozen=True)
class _Window:
    """A window around a point, from -left to right along a direction."""

    left: float
    right: float

    @property
    def half(self) -> float:
        """Half of its length."""
        return (self.left + self.right) / 2

    @property
    def point(self) -> float:
        """Where the point is between -1 and 1."""
        return (self.left - self.right) / (self.left + self.right)

    def times(self, factor: float) -> "_Window":
        """A window in the same proportions."""
        return _Window(factor * self.left, factor * self.right)


def averaged(
    evaluator: Evaluator,
    entries: NDArray[np.int64],
    found: Slopes,
    own: Doubles,
    usable: NDArray[np.bool_],
) -> Slopes:
    """Narrower intervals of the slopes that rounding blurs, as far as more values make them.

    Args: entries (d,); own (d,), the scales of the numbers; usable (d, m), whether a slope is one
    of a function without kinks or stairs at the point.
    """
    middle, width = np.abs(found.middle), found.half_width
    with np.errstate(invalid="ignore"):
        blurred = usable & (width > COARSE * middle) & (width < HOPELESS * middle)
    places = np.argwhere(blurred)
    weight = (middle * own[:, None])[blurred]
    low, high = found.low.copy(), found.high.copy()
    for d, output in places[np.argsort(-weight, kind="stable")][:LOOKED_AT]:
        direction = Directions(entries=entries[d : d + 1])
        window = _Window(*(float(s.window[d, output]) for s in (found.left, found.right)))
        with np.errstate(all="ignore"):
            slope, half = _best(evaluator, direction, int(output), window)
        inside = abs(slope - found.middle[d, output]) <= width[d, output] + half
        if inside and half < width[d, output]:
            low[d, output], high[d, output] = slope - half, slope + half
    return replace(found, low=low, high=high)


def _best(
    evaluator: Evaluator, direction: Directions, output: int, window: _Window
) -> tuple[float, float]:
    """The slope along a direction with its half-width, infinite for none."""
    slope, half, best, degree = np.nan, np.inf, window, 0
    for k in range(*BEYOND):
        larger = window.times(GROWTH**k)
        values, rounding = _sampled(evaluator, direction, output, larger, FEW)
        enough = _degree(values, rounding) if np.isfinite(values).all() else None
        if enough is None:
            break
        now, blur = _estimate(evaluator, direction, values, rounding, larger, enough)
        if not np.isfinite(blur) or abs(now - slope) > half + blur:
            break
        if blur < half:
            slope, half, best, degree = now, blur, larger, enough
    if COARSE * abs(slope) < half < np.inf:
        values, rounding = _sampled(evaluator, direction, output, best, MANY)
        now, blur = _estimate(evaluator, direction, values, rounding, best, degree)
        if blur < half and abs(now - slope) <= half + blur:
            return now, blur
    return slope, half


def _sampled(
    evaluator: Evaluator, direction: Directions, output: int, window: _Window, count: int
) -> tuple[Doubles, float]:
    """Values (count,) in a window, less the one at the point, and what a rounding of them is."""
    steps = window.half * (_places(count) - window.point)
    rows, taken = along(evaluator.argument, direction, 0, steps)
    values = evaluator.values(rows)[:, output] - evaluator.value[output]
    values *= np.where((taken == 0) | (taken == steps), 1.0, steps / taken)
    largest = float(np.abs(values + evaluator.value[output]).max())
    return values, max(evaluator.output_epsilon * largest, float(evaluator.noise[output]))


def _noise(values: Doubles, rounding: float, degree: int) -> float:
    """The standard deviation of values from a polynomial, and of a rounding at least.

    Noise that is not white shows in the polynomials of the next higher degrees.
    """
    basis, _ = _fit(len(values), degree)
    parts = basis.T @ values
    left = values - basis[:, : degree + 1] @ parts[: degree + 1]
    white = np.sqrt(left @ left / (len(values) - degree - 1))
    waves = np.sqrt(np.mean(parts[degree + 1 :] ** 2))
    return max(float(white), float(waves), LEAST_NOISE * rounding)


def _degree(values: Doubles, rounding: float) -> int | None:
    """The degree that leaves nothing but noise, and half as many more, or None for too high."""
    noise = np.array([_noise(values, rounding, degree) for degree in DEGREES])
    enough = DEGREES[int(np.argmax(noise <= PLATEAU * noise.min()))]
    return next((d for d in DEGREES if d >= 1.5 * enough + 2), None)


def _estimate(
    evaluator: Evaluator,
    direction: Directions,
    values: Doubles,
    rounding: float,
    window: _Window,
    degree: int,
) -> tuple[float, float]:
    """The slope at the point and its half-width."""
    parts = _fit(len(values), degree)[0].T @ values
    slope, norm = _slope(parts, len(values), degree, window.point)
    slope, deviation = (a / window.half for a in (slope, _noise(values, rounding, degree) * norm))
    moved = float(roundings(evaluator.argument, direction)[0]) * abs(slope) / window.half
    return slope, DEVIATIONS * deviation + moved
