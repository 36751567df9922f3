"""The settings of training: networks, how they are trained, and by which optimizers."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from autodiff_pipeline.configuration.settings import Settings
from autodiff_pipeline.configuration.values import (
    Activation,
    Count,
    Fraction,
    Positive,
    distinct,
)


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
