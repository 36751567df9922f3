"""Narrower intervals by the complex step, where it agrees with all of them."""

from dataclasses import replace

import numpy as np

from autodiff_pipeline.gradients.complex_step import complex_step
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.findings import INSIDE, OUTSIDE, Findings, outside, resolution_of
from autodiff_pipeline.gradients.given import Gradient

ROUNDING = 64 * 2.0**-52  # that the complex step is right to, relative
SHARE = 1 / 16  # of the interval that it narrows to, at most
LOOKED_AT = 8  # entries outside of narrower intervals
NEIGHBOURS = 6
NEARBY = 1e-4  # of the numbers


def narrowed(
    evaluator: Evaluator, findings: Findings, reference: Gradient, rng: np.random.Generator
) -> Findings:
    """Narrower intervals where the complex step agrees with all of them.

    An entry outside of the narrower one is wrong only if the gradient differs from the complex
    step by as much at points nearby, which the rounding of a right gradient does not.
    """
    found = findings.slopes
    untouched = not findings.reasons and (findings.state == INSIDE).all()
    if found.kinked.any() or not untouched:
        return findings
    exact = complex_step(evaluator, findings.entries, evaluator.argument.numbers)
    if exact is None or not np.isfinite(exact).all():
        return findings
    width = np.maximum(ROUNDING * np.abs(exact), SHARE * findings.resolution)
    agrees = (exact >= found.low) & (exact <= found.high) & (width < findings.resolution)
    narrower = replace(
        found,
        low=np.where(agrees, exact - width, found.low),
        high=np.where(agrees, exact + width, found.high),
    )
    beyond = outside(evaluator, findings.entries, findings.given, narrower)
    for d, output in np.argwhere(beyond)[:LOOKED_AT]:
        gap = findings.given[d, output] - exact[d, output]
        if not _differs_nearby(evaluator, findings.entries[d], output, reference, gap, rng):
            return findings
    state = np.where(beyond, OUTSIDE, findings.state)
    return replace(findings, slopes=narrower, state=state, resolution=resolution_of(narrower))


def _differs_nearby(
    evaluator: Evaluator,
    entry: int,
    output: int,
    reference: Gradient,
    gap: float,
    rng: np.random.Generator,
) -> bool:
    """Whether a gradient differs from the complex step by about the same gap around the point."""
    numbers = evaluator.argument.numbers
    here = reference(numbers)
    exact = complex_step(evaluator, np.array([entry]), numbers)
    if isinstance(here, str) or exact is None:
        return False
    if abs(here[output, entry] - exact[0, output] - gap) > abs(gap) / 2:
        return True  # a value whose reference, reverse mode, does agree with the complex step
    for _ in range(NEIGHBOURS):
        row = numbers * (1 + NEARBY * rng.uniform(-1, 1, len(numbers)))
        near, exact = reference(row), complex_step(evaluator, np.array([entry]), row)
        if isinstance(near, str) or exact is None:
            return False
        if not gap / 2 <= near[output, entry] - exact[0, output] <= 2 * gap and not (
            2 * gap <= near[output, entry] - exact[0, output] <= gap / 2
        ):
            return False
    return True
