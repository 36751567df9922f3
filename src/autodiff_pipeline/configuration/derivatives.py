"""The settings of the derivatives: which functions, where, and in which precision."""

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from autodiff_pipeline.configuration.functions import (
    check_defined_somewhere,
    check_kinks,
    check_operator,
    check_points,
)
from autodiff_pipeline.configuration.settings import Settings
from autodiff_pipeline.configuration.values import (
    LARGEST_COUNT,
    Count,
    Dtype,
    Flag,
    Formula,
    Interval,
    Name,
    Number,
    Operator,
    System,
    Whole,
    distinct,
    without_nulls,
)


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
