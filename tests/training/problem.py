"""The data sets of the default configuration."""

import torch

from autodiff_pipeline.data import draw
from autodiff_pipeline.randomness import generator

SETTINGS = {
    "true_model": "2 + 0.5*x - 0.05*x**2",
    "samples": 1000,
    "input_scale": 10.0,
    "noise_scale": 2.0,
}


def default_data(data_sets):
    """The x and y (D, 1000) of its first data seeds."""
    drawn = [draw(generator(1, "data", seed), **SETTINGS) for seed in range(data_sets)]
    return tuple(torch.stack([getattr(each, name) for each in drawn]) for name in "xy")
