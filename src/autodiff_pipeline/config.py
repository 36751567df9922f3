"""The experiment as frozen, typed values: the single source of keys, defaults, checks and schema.

`read` turns the plain mapping that YAML gives into an `Experiment`, or raises one sentence that
names the key, the value and what would be right. Nothing here imports torch, so Snakemake can
read the configuration while it parses the workflow.
"""

import json
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from autodiff_pipeline.expressions.grammar import Expression, parse
from autodiff_pipeline.expressions.reals import linear_grid, undefined_points

INPUT_RANGE = 8.0  # standard deviations of x over which the true model is integrated and checked


class ConfigurationError(ValueError):
    """A configuration that cannot be run, said in one sentence."""


def _number(value: Any) -> Any:
    """YAML 1.1 reads 1e-3 as text; accept text that is a number as the number it means."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _without_nulls(value: Any) -> Any:
    """An overlay drops an entry of a mapping by giving it as null."""
    if isinstance(value, Mapping):
        return {key: entry for key, entry in value.items() if entry is not None}
    return value


def _expression(text: str) -> str:
    parse(text)
    return text


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    for value in values:
        if values.count(value) > 1:
            raise ValueError(f"{value} is listed twice; list every value once")
    return values


def _increasing(values: tuple[float, float]) -> tuple[float, float]:
    if values[0] >= values[1]:
        raise ValueError("give the smaller end first, as in [-5, 5]")
    return values


def _file_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError("give a name of lower-case letters, digits and underscores")
    return name


Count = Annotated[int, Field(strict=True, ge=1)]
Seed = Annotated[int, Field(strict=True, ge=0)]
Number = Annotated[float, BeforeValidator(_number), Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Fraction = Annotated[Number, Field(ge=0, lt=1)]
Formula = Annotated[str, Field(strict=True), AfterValidator(_expression)]
Name = Annotated[str, AfterValidator(_file_name)]
Interval = Annotated[tuple[Number, Number], AfterValidator(_increasing)]
Dtype = Literal["float16", "bfloat16", "float32", "float64"]
Activation = Literal[
    "relu",
    "tanh",
    "sigmoid",
    "softplus",
    "gelu",
    "silu",
    "stable_tanh",
    "stable_sigmoid",
    "stable_softplus",
    "stable_gelu",
    "stable_silu",
]
Operator = Literal[
    "abs",
    "erf",
    "erfc",
    "exp",
    "expm1",
    "gelu",
    "log",
    "log1p",
    "relu",
    "sigmoid",
    "silu",
    "sin",
    "softplus",
    "sqrt",
    "tanh",
    "tanhshrink",
]


class Settings(BaseModel):
    """A frozen group of keys that refuses any other key."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Data(Settings):
    """How the data sets are drawn."""

    true_model: Formula = Field(description="any expression in x")
    samples: Count = Field(description="points in each data set")
    input_scale: Positive = Field(description="x = input_scale * N(0, 1)")
    noise_scale: Annotated[Number, Field(ge=0)] = Field(
        description="y = true_model(x) + noise_scale * N(0, 1)"
    )
    seeds: Count = Field(description="independent data sets, data_seed = 0 .. seeds-1")

    @model_validator(mode="after")
    def _defined_on_the_inputs(self) -> Self:
        reach = INPUT_RANGE * self.input_scale
        _check_domain("true_model", parse(self.true_model), (-reach, reach), 1001)
        return self


class Function(Settings):
    """A function whose derivatives are measured."""

    expression: Formula = Field(description="the function, an expression in x")
    interval: Interval = Field(description="where it is looked at, [from, to]")
    range: Interval | None = Field(
        default=None, description="where its accuracy is measured; the interval if not given"
    )
    operator: Operator | None = Field(
        default=None, description="torch's own operator for it, measured beside the expression"
    )
    kinks: tuple[Number, ...] = Field(default=(), description="where it has no derivative")


class Derivatives(Settings):
    """Which derivatives are measured, where and in which precision."""

    dtypes: Annotated[tuple[Dtype, ...], Field(min_length=1), AfterValidator(_distinct)] = Field(
        description="precisions: float16, bfloat16, float32, float64"
    )
    orders: Annotated[
        tuple[Annotated[int, Field(strict=True, ge=1, le=4)], ...],
        Field(min_length=1),
        AfterValidator(_distinct),
    ] = Field(description="orders of the derivative, 1 to 4")
    points: Annotated[int, Field(strict=True, ge=2)] = Field(
        description="equally spaced points on each interval"
    )
    samples: Count = Field(description="random points of a range; 16-bit ranges are taken whole")
    exhaustive: Annotated[bool, Field(strict=True)] = Field(
        description="every float32 of each interval instead of samples: hours"
    )
    functions: Annotated[
        dict[Name, Function], BeforeValidator(_without_nulls), Field(min_length=1)
    ] = Field(description="by name; null drops one in an overlay")

    @model_validator(mode="after")
    def _defined_on_their_intervals(self) -> Self:
        for name, function in self.functions.items():
            expression = parse(function.expression)
            for interval in (function.interval, function.range or function.interval):
                _check_domain(f"functions.{name}", expression, interval, self.points)
        return self


class GradientDescent(Settings):
    """Plain gradient descent."""

    learning_rate: Positive = Field(description="length of a step per unit of gradient")


class Momentum(Settings):
    """Gradient descent with a heavy ball (Polyak 1964)."""

    learning_rate: Positive = Field(description="length of a step per unit of velocity")
    momentum: Fraction = Field(default=0.9, description="share of the velocity kept each epoch")


class Adam(Settings):
    """Adam (Kingma & Ba 2015, algorithm 1)."""

    learning_rate: Positive = Field(description="length of a step in every coordinate, roughly")
    beta1: Fraction = Field(default=0.9, description="decay of the mean of the gradients")
    beta2: Fraction = Field(default=0.999, description="decay of the mean of their squares")
    epsilon: Positive = Field(default=1e-8, description="keeps the division finite")


class LevenbergMarquardt(Settings):
    """Damped Gauss-Newton steps (Marquardt 1963), for the activation relu."""

    damping: Positive = Field(default=1.0, description="at the first step")
    epochs: Count = Field(default=200, description="its own number of steps: they are few and dear")


class Optimizers(Settings):
    """Optimizers compared; each trains every network."""

    gradient_descent: GradientDescent | None = Field(default=None, description="plain")
    momentum: Momentum | None = Field(default=None, description="with a heavy ball")
    adam: Adam | None = Field(default=None, description="with adaptive steps")
    levenberg_marquardt: LevenbergMarquardt | None = Field(
        default=None,
        description="off; {damping: 1.0} switches it on: 200 steps, minutes at H = 100",
    )

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if not self.selected():
            raise ValueError(f"give at least one of {', '.join(type(self).model_fields)}")
        return self

    def selected(self) -> dict[str, dict[str, Any]]:
        """Settings by optimizer, as plain values, of those that are given."""
        return self.model_dump(exclude_none=True)


class Minimization(Settings):
    """The lesson: one problem minimized twice, with the automatic and with the exact derivative."""

    epochs: Count = Field(description="gradient descent iterations")
    polynomial_learning_rate: Positive = Field(description="for c0 + c1 x + c2 x**2")
    network_learning_rate: Positive = Field(description="for the 1-hidden_size-1 ReLU network")
    hidden_size: Count = Field(description="hidden units of that network")


class Training(Settings):
    """Which networks are trained, and how."""

    hidden_sizes: Annotated[tuple[Count, ...], Field(min_length=1), AfterValidator(_distinct)] = (
        Field(description="hidden units H of the networks 1-H-1")
    )
    seeds: Count = Field(description="initializations for each data set, init_seed = 0 .. seeds-1")
    epochs: Count = Field(description="full-batch iterations")
    activation: Activation = Field(
        default="relu", description="relu, tanh, sigmoid, softplus, gelu, silu; stable_tanh ..."
    )
    engine: Literal["auto", "moments", "dense"] = Field(
        default="auto", description="moments (relu only, any number of samples), dense, or auto"
    )
    gradient: Literal["automatic", "exact"] = Field(
        default="automatic", description="automatic differentiation, or exact (by hand, faster)"
    )
    device: Literal["cpu", "cuda"] = Field(default="cpu", description="cpu, or cuda for a GPU")
    seeds_per_job: Count | None = Field(
        default=None, description="networks in one job; null: all of a hidden size and optimizer"
    )
    checkpoint_every: Count = Field(
        default=1000, description="epochs between checkpoints, from which a killed job goes on"
    )
    optimizers: Optimizers = Field(description="by name; null drops one in an overlay")

    @model_validator(mode="after")
    def _engine_serves_activation(self) -> Self:
        if self.engine == "moments" and self.activation != "relu":
            raise ValueError(
                f"the engine moments serves the activation relu, not {self.activation}; "
                "give engine: auto or dense"
            )
        if self.optimizers.levenberg_marquardt and self.activation != "relu":
            raise ValueError(
                f"levenberg_marquardt serves the activation relu, not {self.activation}; "
                "give levenberg_marquardt: null"
            )
        return self


class Experiment(Settings):
    """Everything that determines the results."""

    root_seed: Seed = Field(description="every random number follows from it")
    data: Data = Field(description="noisy samples of the true model")
    derivatives: Derivatives = Field(description="are the derivatives right?")
    minimization: Minimization = Field(description="automatic beside exact derivative")
    training: Training = Field(description="does gradient descent find the truth?")


def read(configuration: Mapping[str, Any]) -> Experiment:
    """Check a plain mapping and fill its defaults.

    Raises ConfigurationError with one sentence for the first mistake found.
    """
    try:
        return Experiment.model_validate(dict(configuration))
    except ValidationError as error:
        raise ConfigurationError(_sentence(error)) from None


def _check_domain(
    key: str, expression: Expression, interval: tuple[float, float], count: int
) -> None:
    missing = undefined_points(expression, linear_grid(*interval, count))
    if missing:
        raise ValueError(
            f"{key} has no finite value at {len(missing)} of {count} points of "
            f"[{interval[0]:g}, {interval[1]:g}], from x = {missing[0]:g} to x = {missing[-1]:g}; "
            "give a function and an interval on which it is defined"
        )


_ADVICE: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "this key is required",
    "int_type": lambda _: "give a whole number",
    "float_type": lambda _: "give a number",
    "finite_number": lambda _: "give a finite number",
    "string_type": lambda _: "give text",
    "tuple_type": lambda _: "give a list, such as [1, 2]",
    "dict_type": lambda _: "give a mapping of names to settings",
    "model_type": lambda _: "give a mapping of keys to values",
    "literal_error": lambda context: f"give one of {context['expected']}",
    "greater_than": lambda context: f"give a number greater than {context['gt']:g}",
    "greater_than_equal": lambda context: f"give a number of at least {context['ge']:g}",
    "less_than": lambda context: f"give a number less than {context['lt']:g}",
    "less_than_equal": lambda context: f"give a number of at most {context['le']:g}",
    "too_short": lambda context: f"give at least {context['min_length']}",
    "too_long": lambda context: f"give exactly {context['max_length']}",
    "value_error": lambda context: str(context["error"]),
}


def _sentence(error: ValidationError) -> str:
    # A misspelt key is also a missing one: name the misspelling.
    first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        return f"configuration key '{key}' is unknown; {_nearest(first['loc'])}"
    advice = (
        _ADVICE[first["type"]](first.get("ctx", {})) if first["type"] in _ADVICE else (first["msg"])
    )
    shown = first["input"]
    if first["type"] == "missing" or isinstance(shown, dict | BaseModel):
        return f"configuration key '{key}': {advice}"
    return f"configuration key '{key}' is {json.dumps(shown, default=str)}: {advice}"


def _nearest(location: tuple[int | str, ...]) -> str:
    """Suggest the key of the same group that is spelled most like the unknown one."""
    known = list(_keys_at(location[:-1]))
    close = get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"the keys here are {', '.join(known)}"


def _keys_at(location: tuple[int | str, ...]) -> Mapping[str, Any]:
    schema = Experiment.model_json_schema()
    group: Mapping[str, Any] = schema
    for part in location:
        named = group.get("properties", {})
        child = named[part] if part in named else group["additionalProperties"]
        child = child.get("anyOf", [child])[0]  # of an optional group, the group
        reference = child.get("$ref", "").removeprefix("#/$defs/")
        group = schema["$defs"][reference] if reference else child
    return dict(group["properties"])


if __name__ == "__main__":  # workflow/schemas/config.schema.json is made by this
    print(json.dumps(Experiment.model_json_schema(), indent=2))
