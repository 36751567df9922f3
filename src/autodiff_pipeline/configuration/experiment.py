"""The experiment as frozen, typed values: the single source of keys, defaults, checks and schema.

`read` turns the plain mapping that YAML gives into an `Experiment`, or raises an error whose one
sentence names the key and the value, and says what would be right. Nothing here imports torch, so
Snakemake can read the configuration while it parses the workflow.
"""

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from autodiff_pipeline.configuration.functions import (
    check_defined_somewhere,
    check_kinks,
    check_operator,
    check_points,
)
from autodiff_pipeline.configuration.mistakes import ConfigurationError, sentence
from autodiff_pipeline.configuration.values import (
    LARGEST_COUNT,
    Activation,
    Count,
    Dtype,
    Flag,
    Formula,
    Fraction,
    Interval,
    Name,
    Number,
    Operator,
    Positive,
    Seed,
    System,
    Text,
    Whole,
    check_domain,
    distinct,
    is_null,
    without_nulls,
)
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.inputs import INPUT_RANGE


class Settings(BaseModel):
    """A frozen group of keys that refuses any other key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _null_given_as_text(cls, value: Any, info: ValidationInfo) -> Any:
        annotation = cls.model_fields[str(info.field_name)].annotation
        return None if type(None) in get_args(annotation) and is_null(value) else value


SEEDS = "independent data sets, or splits of a file: data_seed = 0 .. seeds-1"


class Data(Settings):
    """How the data sets are drawn."""

    true_model: Formula = Field(description="any expression in x")
    samples: Count = Field(description="points in each data set")
    input_scale: Positive = Field(description="x = input_scale * N(0, 1)")
    noise_scale: Annotated[Number, Field(ge=0)] = Field(
        description="y = true_model(x) + noise_scale * N(0, 1)"
    )
    seeds: Count = Field(description=SEEDS)

    @model_validator(mode="after")
    def _defined_on_the_inputs(self) -> Self:
        reach = INPUT_RANGE * self.input_scale
        if math.isinf(reach):
            raise ValueError(f"input_scale {self.input_scale:g} takes x beyond the largest number")
        check_domain("true_model", parse(self.true_model), (-reach, reach), 1001)
        return self


class Measurements(Settings):
    """A user's own data in place of drawn ones."""

    file: Text = Field(description="a CSV file whose first line names the columns")
    x: Text = Field(description="the column of the inputs")
    y: Text = Field(description="the column of what is to be learned")
    seeds: Count = Field(description=SEEDS)

    @model_validator(mode="before")
    @classmethod
    def _one_source(cls, given: Any) -> Any:
        if drawn := sorted({*given} & ({*Data.model_fields} - {*cls.model_fields})):
            raise ValueError(
                f"data come from a file or from a true model; leave out file or {', '.join(drawn)}"
            )
        return given

    @model_validator(mode="after")
    def _two_columns(self) -> Self:
        if self.x == self.y:
            raise ValueError(f"x and y are both the column '{self.x}'; give two columns")
        return self


def source_of(data: Any) -> str:
    """Which of the two groups a mapping is: measurements, where it names a file."""
    is_file = isinstance(data, Measurements) or (isinstance(data, Mapping) and "file" in data)
    return (Measurements if is_file else Data).__name__


class Function(Settings):
    """A function whose derivatives are measured."""

    expression: Formula = Field(description="the function, an expression in x")
    interval: Interval = Field(description="where its derivatives are taken, [from, to]")
    range: Interval | None = Field(
        default=None, description="where its accuracy is measured; the interval if not given"
    )
    operator: Operator | None = Field(
        default=None, description="torch's own operator for it, measured beside the expression"
    )
    kinks: tuple[Number, ...] = Field(default=(), description="where it has no derivative")
    points: tuple[Number, ...] = Field(
        default=(), description="tried with their neighbours, beside those found in the expression"
    )

    step_sizes: Flag = Field(
        default=False, description="true: finite differences with many steps, where it is smooth"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        intervals = (self.interval, self.range) if self.range else (self.interval,)
        for interval in intervals:
            check_defined_somewhere(self.expression, interval)
            if self.operator:
                check_operator(self.expression, self.operator, interval)
        check_kinks(self.expression, self.kinks, intervals)
        check_points(self.points, intervals)
        return self


class Derivatives(Settings):
    """Which derivatives are measured, where and in which precision."""

    systems: Annotated[tuple[System, ...], Field(min_length=1), AfterValidator(distinct)] = Field(
        default=("torch",),
        description="torch, torch_compile (adds minutes), jax (takes the extra [systems])",
    )
    dtypes: Annotated[tuple[Dtype, ...], Field(min_length=1), AfterValidator(distinct)] = Field(
        description="precisions: float16, bfloat16, float32, float64"
    )
    orders: Annotated[
        tuple[Annotated[Whole, Field(ge=1, le=4)], ...],
        Field(min_length=1),
        AfterValidator(distinct),
    ] = Field(description="orders of the derivative, 1 to 4")
    points: Annotated[Whole, Field(ge=2, le=LARGEST_COUNT)] = Field(
        description="equally spaced points on each interval"
    )
    samples: Count = Field(
        description="random float32 of a range, a tenth as many float64; in 16 bits every number"
    )
    exhaustive: Flag = Field(description="every float32 of each range instead of samples: slow")
    functions: Annotated[
        dict[Name, Function], BeforeValidator(without_nulls), Field(min_length=1)
    ] = Field(description="by name; null drops one in an overlay")


class GradientDescent(Settings):
    """Plain gradient descent."""

    learning_rate: Positive = Field(description="length of a step per unit of gradient")


class Momentum(Settings):
    """Gradient descent with a heavy ball (Polyak 1964)."""

    learning_rate: Positive = Field(description="length of a step per unit of velocity")
    momentum: Fraction = Field(default=0.9, description="share of the velocity kept each epoch")


class Adam(Settings):
    """Adam (Kingma & Ba 2015, algorithm 1)."""

    learning_rate: Positive = Field(description="about the length of a step in every coordinate")
    beta1: Fraction = Field(default=0.9, description="decay of the mean of the gradients")
    beta2: Fraction = Field(default=0.999, description="decay of the mean of their squares")
    epsilon: Positive = Field(default=1e-8, description="keeps the division finite")


class LevenbergMarquardt(Settings):
    """Damped Gauss-Newton steps (Marquardt 1963), for the activation relu."""

    damping: Positive = Field(default=1.0, description="at the first step")
    epochs: Count = Field(
        default=200,
        description="steps, in place of training.epochs: each is slow, few suffice",
    )


class Optimizers(Settings):
    """The optimizers to compare; each trains every network."""

    gradient_descent: GradientDescent | None = Field(default=None, description="plain")
    momentum: Momentum | None = Field(default=None, description="with a heavy ball")
    adam: Adam | None = Field(default=None, description="with adaptive steps")
    levenberg_marquardt: LevenbergMarquardt | None = Field(
        default=None,
        description="off; {damping: 1.0} switches it on; slow where H is large",
    )

    @model_validator(mode="after")
    def _at_least_one(self) -> Self:
        if not self.selected():
            raise ValueError(f"give at least one of {', '.join(type(self).model_fields)}")
        return self

    def selected(self) -> dict[str, Settings]:
        """The settings of each optimizer that is given, by its name."""
        return {name: settings for name, settings in self if settings}


class Minimization(Settings):
    """The lesson: one problem minimized twice, by the automatic gradient and by hand."""

    epochs: Count = Field(description="gradient descent iterations")
    polynomial_learning_rate: Positive = Field(description="for c0 + c1 x + c2 x**2")
    network_learning_rate: Positive = Field(description="for the 1-hidden_size-1 ReLU network")
    hidden_size: Count = Field(description="hidden units of that network")


class Training(Settings):
    """Which networks are trained, and how."""

    hidden_sizes: Annotated[tuple[Count, ...], Field(min_length=1), AfterValidator(distinct)] = (
        Field(description="hidden units H of the networks 1-H-1")
    )
    seeds: Count = Field(description="initializations for each data set, init_seed = 0 .. seeds-1")
    epochs: Count = Field(description="full-batch iterations")
    activation: Activation = Field(
        default="relu", description="relu, tanh, sigmoid, softplus, gelu, silu ...; stable_tanh ..."
    )
    engine: Literal["auto", "moments", "dense"] = Field(
        default="auto", description="moments (relu only, any number of samples), dense, or auto"
    )
    gradient: Literal["automatic", "by_hand"] = Field(
        default="automatic", description="automatic (differentiation), or by_hand (faster)"
    )
    device: Literal["cpu", "cuda"] = Field(default="cpu", description="cpu, or cuda for a GPU")
    seeds_per_job: Count | None = Field(
        default=None,
        description="networks in one job; null: as many as take minutes and less than 1 GiB",
    )
    checkpoint_every: Count = Field(
        default=1000, description="epochs between checkpoints, from which a killed job goes on"
    )
    optimizers: Optimizers = Field(description="by name; null drops one in an overlay")

    @model_validator(mode="after")
    def _engine_serves_activation(self) -> Self:
        if self.engine == "moments" and self.activation != "relu":
            raise ValueError(
                "the engine moments works only with the activation relu, "
                f"not with {self.activation}; give engine: auto or dense"
            )
        if self.optimizers.levenberg_marquardt and self.activation != "relu":
            raise ValueError(
                "levenberg_marquardt works only with the activation relu, "
                f"not with {self.activation}; give levenberg_marquardt: null"
            )
        return self


class Experiment(Settings):
    """Everything that determines the results."""

    root_seed: Seed = Field(description="every random number follows from it")
    data: Annotated[
        Annotated[Data, Tag("Data")] | Annotated[Measurements, Tag("Measurements")],
        Discriminator(source_of),
    ] = Field(description="noisy samples of the true model")
    derivatives: Derivatives = Field(description="are the derivatives right?")
    minimization: Minimization = Field(description="is the gradient by hand the automatic one?")
    training: Training = Field(description="does gradient descent find the truth?")
    confirm_size: Flag = Field(
        default=False, description="true: run even what is estimated to take more than a week"
    )


def read(configuration: Mapping[str, Any]) -> Experiment:
    """Check a plain mapping and fill its defaults.

    Raises ConfigurationError with one sentence for the first mistake found.
    """
    try:
        return Experiment.model_validate(dict(configuration))
    except ValidationError as error:
        raise ConfigurationError(sentence(error, Experiment.model_json_schema())) from None


if __name__ == "__main__":  # workflow/schemas/config.schema.json is made by this
    print(json.dumps(Experiment.model_json_schema(), indent=2))
