"""An optimizer is known to the configuration, to the training and to the figures."""

from autodiff_pipeline.config import Optimizers
from autodiff_pipeline.figures.look import OPTIMIZER_COLOURS, OPTIMIZER_DASHES
from autodiff_pipeline.training.optimizers import OPTIMIZERS


def test_every_optimizer_is_known_everywhere():
    names = set(Optimizers.model_fields)
    assert set(OPTIMIZERS) == names
    assert names <= set(OPTIMIZER_COLOURS)
    assert names <= set(OPTIMIZER_DASHES)


def test_the_configuration_has_the_defaults_of_the_optimizers():
    for name, make in OPTIMIZERS.items():
        settings = Optimizers.model_fields[name].annotation.__args__[0]
        make(**settings(learning_rate=0.1).model_dump())
