"""The check of `jax.test_util.check_grads`, first order and reverse mode, as it is documented.

"Gradients are only checked in a single randomly chosen direction": a tangent and a cotangent are
drawn from the normal distribution, and a central difference over ± 1e-4 along the tangent has to
agree with the gradient, to atol = rtol = 1e-5 in float64 (`default_gradient_tolerance`).
"""

import torch

from autodiff_pipeline.gradients.checkers.claim import Claim, Verdict
from autodiff_pipeline.randomness import generator

STEP, TOLERANCE = 1e-4, 1e-5


def jax_direction(claim: Claim, seed: int) -> Verdict:
    """One random direction. Args: seed, of the tangent and the cotangent."""
    stream = generator(seed, "directions")
    tangent = torch.randn(claim.point.shape, generator=stream, dtype=torch.float64)
    cotangent = torch.randn((), generator=stream, dtype=torch.float64)
    ahead = claim.function(claim.point + STEP * tangent)
    behind = claim.function(claim.point - STEP * tangent)
    expected = (ahead - behind) * (0.5 / STEP) * cotangent
    given = (tangent * (cotangent * claim.gradient)).sum()
    agrees = (given - expected).abs() <= TOLERANCE + TOLERANCE * expected.abs()
    return "right" if agrees else "wrong"
