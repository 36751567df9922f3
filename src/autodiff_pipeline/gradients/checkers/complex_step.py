"""The complex step by itself: Im f(x + ih) / h for every entry (Squire & Trapp 1998).

Nothing is subtracted, so it needs no tolerance but one for rounding. It knows nothing of functions
that take no complex numbers, and is silently wrong about those that are not analytic, such as abs.
"""

import numpy

from autodiff_pipeline.gradients.arguments import argument_of
from autodiff_pipeline.gradients.checkers.claim import Claim, Verdict
from autodiff_pipeline.gradients.complex_step import complex_step as derivatives
from autodiff_pipeline.gradients.evaluation import Evaluator

ROUNDING = 2.0**-46  # of the largest entry: 64 units in the last place of 1


def complex_step(claim: Claim, seed: int) -> Verdict:
    """Every entry; draws nothing. Undecided where the function takes no complex numbers."""
    evaluator = Evaluator(claim.function, argument_of(claim.point))
    entries = numpy.arange(claim.point.numel())
    found = derivatives(evaluator, entries, evaluator.argument.numbers)
    if found is None or not numpy.isfinite(found).all():
        return "undecided"
    slopes = found[:, 0]
    errors = numpy.abs(slopes - claim.gradient.reshape(-1).numpy())
    return "right" if errors.max() <= ROUNDING * numpy.abs(slopes).max() else "wrong"
