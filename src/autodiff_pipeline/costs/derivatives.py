"""What the derivatives of functions cost, by the systems that compute them."""

from collections.abc import Sequence

from autodiff_pipeline.configuration.experiment import Experiment
from autodiff_pipeline.costs.cost import Cost, Part, number
from autodiff_pipeline.derivatives.float32_ranges import float32_ranges

# Measured as the processor time of the atlas of tanh, gelu, relu, lgamma, mish and i1, each by one
# system, child processes included. Formulas with stable rules take three times as long to compile.
_OF_FUNCTION = 0.5  # seconds
_OF_POINT, _OF_SAMPLE = Cost(0.6e-3, 6000.0), Cost(1e-5, 600.0)
_OF_PROGRAM = {  # seconds to compile the derivatives of one form in one order and dtype
    "torch": 0.0,
    "torch_compile": 2.0,
    "jax": 0.25,
}
# The processor time of all methods at every float32 of tanh from -30 to 30, 947 s in order 1, by
# numbers and the two forms that tanh has.
_OF_FLOAT32 = 2.1e-7  # seconds


def derivatives_seconds(experiment: Experiment, functions: Sequence[str]) -> float:
    """How long a job takes that compares the derivatives of the named functions with the truth."""
    derivatives = experiment.derivatives
    at_points = (
        _OF_FUNCTION
        + derivatives.points * _OF_POINT.seconds
        + derivatives.samples * _OF_SAMPLE.seconds
    )
    forms = sum(_forms(experiment, name) for name in functions)
    programs = forms * len(derivatives.orders) * len(derivatives.dtypes)
    compiling = sum(_OF_PROGRAM[system] for system in derivatives.systems)
    return len(functions) * at_points + programs * compiling


def float32_seconds(experiment: Experiment, function: str, numbers: int) -> float:
    """How long a job takes that compares the named function's derivatives at so many float32."""
    derivatives = experiment.derivatives
    ways = _forms(experiment, function) * len(derivatives.orders) * len(derivatives.systems)
    return numbers * ways * _OF_FLOAT32


def derivatives_part(experiment: Experiment) -> Part:
    """All functions."""
    derivatives = experiment.derivatives
    exhaustive = derivatives.exhaustive and "float32" in derivatives.dtypes
    at_every_float32 = [
        float32_seconds(experiment, name, high - low)
        for name, function in derivatives.functions.items()
        for low, high in float32_ranges(function.range or function.interval, 2**32)
        if exhaustive
    ]
    return Part(
        f"derivatives (derivatives.points {number(derivatives.points)}, "
        f"derivatives.samples {number(derivatives.samples)}, "
        f"{len(derivatives.functions)} functions, "
        f"derivatives.systems {', '.join(derivatives.systems)}"
        f"{', derivatives.exhaustive' if exhaustive else ''})",
        Cost(
            derivatives_seconds(experiment, list(derivatives.functions)) + sum(at_every_float32),
            derivatives.points * _OF_POINT.bytes + derivatives.samples * _OF_SAMPLE.bytes,
        ),
    )


def _forms(experiment: Experiment, function: str) -> int:
    """The expression, and perhaps an operator."""
    return 1 + bool(experiment.derivatives.functions[function].operator)
