"""Every checker, by name."""

from collections.abc import Mapping

from autodiff_pipeline.gradients.checkers import gradcheck
from autodiff_pipeline.gradients.checkers.certified import certify
from autodiff_pipeline.gradients.checkers.claim import Checker
from autodiff_pipeline.gradients.checkers.complex_step import complex_step
from autodiff_pipeline.gradients.checkers.jax_direction import jax_direction
from autodiff_pipeline.gradients.checkers.taylor_test import taylor_test

CHECKERS: Mapping[str, Checker] = {
    "gradcheck_slow": gradcheck.slow,
    "gradcheck_fast": gradcheck.fast,
    "jax_direction": jax_direction,
    "taylor_test": taylor_test,
    "complex_step": complex_step,
    "certify": certify,
}
