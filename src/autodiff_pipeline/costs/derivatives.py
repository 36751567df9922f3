"""What the derivatives of functions cost, by the systems that compute them."""

from collections.abc import Sequence

from autodiff_pipeline.configuration.experiment import Experiment
from autodiff_pipeline.costs.cost import Cost, Part, number

# Measured as the processor time of the atlas of tanh, gelu, relu, lgamma, mish and i1, each by one
# system, child processes included. Formulas with stable rules take three times as long to compile.
_OF_FUNCTION = 0.5  # seconds
_OF_POINT, _OF_SAMPLE = Cost(0.6e-3, 6000.0), Cost(1e-5, 600.0)
_OF_PROGRAM = {  # seconds to compile the derivatives of one form in one order and dtype
    "torch": 0.0,
    "torch_compile": 2.0,
    "jax": 0.25,
}


def derivatives_seconds(experiment: Experiment, functions: Sequence[str]) -> float:
    """How long a job takes that compares the derivatives of the named functions with the truth."""
    derivatives = experiment.derivatives
    at_points = (
        _OF_FUNCTION
        + derivatives.points * _OF_POINT.seconds
        + derivatives.samples * _OF_SAMPLE.seconds
    )
    forms = sum(1 + bool(derivatives.functions[name].operator) for name in functions)
    programs = forms * len(derivatives.orders) * len(derivatives.dtypes)
    compiling = sum(_OF_PROGRAM[system] for system in derivatives.systems)
    return len(functions) * at_points + programs * compiling


def derivatives_part(experiment: Experiment) -> Part:
    """All functions."""
    derivatives = experiment.derivatives
    return Part(
        f"derivatives (derivatives.points {number(derivatives.points)}, "
        f"derivatives.samples {number(derivatives.samples)}, "
        f"{len(derivatives.functions)} functions, "
        f"derivatives.systems {', '.join(derivatives.systems)})",
        Cost(
            derivatives_seconds(experiment, list(derivatives.functions)),
            derivatives.points * _OF_POINT.bytes + derivatives.samples * _OF_SAMPLE.bytes,
        ),
    )
