"""An optimizer is known to the configuration, to the training and to the figures."""

from pkgutil import iter_modules
from typing import get_args

import pytest
import torch

from autodiff_pipeline import randomness
from autodiff_pipeline.configuration import values
from autodiff_pipeline.configuration.training import Optimizers
from autodiff_pipeline.derivatives import systems
from autodiff_pipeline.figures.theme import OPTIMIZER_COLOURS, OPTIMIZER_DASHES
from autodiff_pipeline.networks.activations import ACTIVATIONS
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.numbers.ulp import FORMATS
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS
from autodiff_pipeline.training.engines import choose_engine
from autodiff_pipeline.training.method import Method
from autodiff_pipeline.training.registry import OPTIMIZERS, make_method


def choose(name, activation, *, work=10, compiler=True):
    return choose_engine(name, activation, work=work, compiler=compiler)


def test_every_optimizer_is_known_everywhere():
    names = set(Optimizers.model_fields)
    assert set(OPTIMIZERS) == names
    assert names <= set(OPTIMIZER_COLOURS)
    assert names <= set(OPTIMIZER_DASHES)


@pytest.mark.parametrize("name", Optimizers.model_fields)
def test_every_optimizer_is_made_from_its_configuration(name):
    group = Optimizers.model_fields[name].annotation.__args__[0]
    settings = group() if name == "levenberg_marquardt" else group(learning_rate=0.1)
    x = torch.zeros(1, 3, dtype=torch.float64)
    plain = settings.model_dump(exclude={"epochs"})
    gradient = choose("auto", "relu").batched_gradient(x, x, "by_hand")
    method = make_method(name, plain, gradient, x, x)
    assert isinstance(method, Method)


def test_engines_are_chosen_and_explained():
    assert choose("auto", "relu").name == "moments"
    assert choose("auto", "tanh").name == "dense"
    assert choose("dense", "relu").name == "dense"
    assert "short" in choose("auto", "tanh").reason
    assert choose("auto", "tanh", work=10**8).reason.endswith("at every step, compiled")
    assert "no C++ compiler" in choose("auto", "tanh", work=10**8, compiler=False).reason
    with pytest.raises(ValueError, match="only with the activation relu, not with tanh"):
        choose("moments", "tanh")


def named(annotated):
    """The names that a Literal of the configuration allows."""
    return list(get_args(annotated))


def test_what_the_configuration_allows_is_what_there_is():
    assert named(values.Dtype) == list(DTYPES) == list(FORMATS) == list(randomness.DTYPES)
    modules = {module.name for module in iter_modules(systems.__path__)}
    assert set(named(values.System)) == modules - {"registry", "pieces"}
    stable = list(STABLE_ACTIVATIONS)
    assert sorted(named(values.Activation)) == sorted([*ACTIVATIONS, *stable])
