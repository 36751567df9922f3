"""The Taylor test: how fast a remainder shrinks with the step, along one random direction.

With f(h) the function at point + h direction, a direction of length 1, and g the claimed slope,

  odd part   (f(h) - f(-h)) / 2        is of order 1,
  even part   f(h) - 2 f(0) + f(-h)    is of order 2, where there is no kink,
  remainder  (f(h) - f(-h)) / 2 - h g  is of order 3 if g is right, and of order 1 if it is wrong.

Orders are slopes of log |part| by log h, fitted over four steps at a time. Steps begin where parts
rise above the noise, which is measured where steps are too small to show anything else, and end
where the even part is no longer of order 2, because a kink was crossed; where the even part begins
with order 1, the point itself is at a kink.
"""

from typing import NamedTuple

import numpy
import torch
from numpy.typing import NDArray

from autodiff_pipeline.gradients.checkers.claim import Claim, Verdict
from autodiff_pipeline.randomness import generator

STEPS = 2.0 ** -numpy.arange(50.0, 2.0, -1.0)  # from where only noise is left to where f bends
NOISY = 6  # of the smallest steps: what they show is noise
LEAST_NOISE = 2.0**-52  # of the value: a rounding of each of two numbers
ABOVE = 16.0  # times the noise: from here on a part is seen
FITTED = 4  # steps in a fit
SMOOTH = (1.5, 2.5)  # orders of the even part that are taken for 2


class Window(NamedTuple):
    """The steps between the noise and the first kink."""

    first: int  # where the odd part is seen
    last: int  # the first step not to be used


def taylor_test(claim: Claim, seed: int) -> Verdict:
    """The orders along one direction. Args: seed, of the direction.

    Undecided at a kink, and where the noise and a kink leave too few steps to fit an order.
    """
    shape = claim.point.shape
    direction = torch.randn(shape, generator=generator(seed, "directions"), dtype=torch.float64)
    direction /= direction.norm()
    value = float(claim.function(claim.point))
    ahead, behind = (
        numpy.array([float(claim.function(claim.point + h * direction)) for h in signed])
        for signed in (STEPS, -STEPS)
    )
    odd, even = (ahead - behind) / 2, (ahead - value) + (behind - value)
    noise = max(LEAST_NOISE * abs(value), float(numpy.abs(even[:NOISY]).max()))
    window = between_noise_and_kink(odd, even, noise)
    if window.last - window.first < FITTED:
        return "undecided"
    slope = float((claim.gradient * direction).sum())
    remainder = numpy.abs(odd - STEPS * slope).clip(noise)
    seen = numpy.flatnonzero(remainder[: window.last] > ABOVE * noise)
    if not len(seen):
        return "right"  # nothing is left above the noise
    if seen[0] > window.last - FITTED:
        return "undecided"
    return "right" if order(remainder, int(seen[0])) > 2 else "wrong"


def between_noise_and_kink(
    odd: NDArray[numpy.float64], even: NDArray[numpy.float64], noise: float
) -> Window:
    """The usable steps, empty at a kink. Args: both parts at STEPS; noise, of a value."""
    seen = numpy.flatnonzero(numpy.abs(odd) > ABOVE * noise)
    first = int(seen[0]) if len(seen) else 0
    bent = numpy.flatnonzero(numpy.abs(even) > ABOVE * noise)
    last = int(bent[0]) if len(bent) else len(STEPS)
    while last < len(STEPS):
        start = min(last, len(STEPS) - FITTED)
        if not SMOOTH[0] < order(numpy.abs(even).clip(noise), start) < SMOOTH[1]:
            break
        last += 1
    return Window(first, last)


def order(part: NDArray[numpy.float64], start: int) -> float:
    """The slope of log part by log step over FITTED steps from ``start``."""
    steps, parts = (numpy.log2(a[start : start + FITTED]) for a in (STEPS, part))
    steps = steps - steps.mean()
    return float((steps * parts).sum() / (steps**2).sum())
