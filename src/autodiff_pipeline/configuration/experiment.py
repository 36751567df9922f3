"""The experiment as frozen, typed values: the single source of keys, defaults, checks and schema.

`read` turns the plain mapping that YAML gives into an `Experiment`, or raises an error whose one
sentence names the key and the value, and says what would be right. Nothing here imports torch, so
Snakemake can read the configuration while it parses the workflow.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag, ValidationError

from autodiff_pipeline.configuration.data import Data, Measurements, source_of
from autodiff_pipeline.configuration.derivatives import Derivatives
from autodiff_pipeline.configuration.mistakes import ConfigurationError, sentence
from autodiff_pipeline.configuration.settings import Settings
from autodiff_pipeline.configuration.training import Training
from autodiff_pipeline.configuration.values import Count, Flag, Positive, Seed


class Minimization(Settings):
    """The lesson: one problem minimized twice, by the automatic gradient and by hand."""

    epochs: Count = Field(description="gradient descent iterations")
    polynomial_learning_rate: Positive = Field(description="for c0 + c1 x + c2 x**2")
    network_learning_rate: Positive = Field(description="for the 1-hidden_size-1 ReLU network")
    hidden_size: Count = Field(description="hidden units of that network")


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
