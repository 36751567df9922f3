"""`certify`, with its defaults."""

from autodiff_pipeline.gradients.certify import certify as certified
from autodiff_pipeline.gradients.checkers.claim import Claim, Verdict


def certify(claim: Claim, seed: int) -> Verdict:
    """The verdict of the report on the gradient's value."""
    return certified(claim.function, claim.point, claim.gradient, seed=seed).verdict
