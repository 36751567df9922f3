"""Derivatives compared with certified truth, and networks trained on them by hand.

Each public name is loaded when it is first used, because planning a workflow imports this package
and must not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autodiff_pipeline.data.drawing import draw
    from autodiff_pipeline.derivatives.methods.registry import METHODS, derivative
    from autodiff_pipeline.derivatives.subject import expression_subject
    from autodiff_pipeline.expressions.grammar import parse
    from autodiff_pipeline.gradients.certify import certify
    from autodiff_pipeline.networks.initial import initial_parameters
    from autodiff_pipeline.numbers.ulp import FORMATS, ulp_errors
    from autodiff_pipeline.randomness import generator
    from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS
    from autodiff_pipeline.training.engines import choose_engine
    from autodiff_pipeline.training.loop import train
    from autodiff_pipeline.training.method import first_order
    from autodiff_pipeline.training.registry import OPTIMIZERS
    from autodiff_pipeline.truth.at_points import certified_derivatives

_ROOMS = {
    # derivatives and their truth
    "parse": "expressions.grammar",
    "certified_derivatives": "truth.at_points",
    "FORMATS": "numbers.ulp",
    "ulp_errors": "numbers.ulp",
    "expression_subject": "derivatives.subject",
    "METHODS": "derivatives.methods.registry",
    "derivative": "derivatives.methods.registry",
    "STABLE_ACTIVATIONS": "stable.activations",
    # any gradient
    "certify": "gradients.certify",
    # networks trained by hand
    "draw": "data.drawing",
    "generator": "randomness",
    "initial_parameters": "networks.initial",
    "choose_engine": "training.engines",
    "OPTIMIZERS": "training.registry",
    "first_order": "training.method",
    "train": "training.loop",
}

__all__ = [  # noqa: RUF022 (in the order in which they are met)
    "parse",
    "certified_derivatives",
    "FORMATS",
    "ulp_errors",
    "expression_subject",
    "METHODS",
    "derivative",
    "STABLE_ACTIVATIONS",
    "certify",
    "draw",
    "generator",
    "initial_parameters",
    "choose_engine",
    "OPTIMIZERS",
    "first_order",
    "train",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module when it is first used."""
    if name not in _ROOMS:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    value = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
