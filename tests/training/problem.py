"""The data sets of the default configuration."""

import torch
from project import CONFIGURATION

from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.randomness import generator

SETTINGS = {name: value for name, value in CONFIGURATION["data"].items() if name != "seeds"}


def default_data(data_sets):
    """The x and y (D, 1000) of its first data seeds."""
    drawn = [draw(generator(1, "data", seed), **SETTINGS) for seed in range(data_sets)]
    return tuple(torch.stack([getattr(each, name) for each in drawn]) for name in "xy")
