"""The settings of the data: drawn from a true model, or measured."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from autodiff_pipeline.configuration.settings import Settings
from autodiff_pipeline.configuration.values import (
    Count,
    Formula,
    Number,
    Positive,
    Text,
    check_domain,
)
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.inputs import INPUT_RANGE

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
