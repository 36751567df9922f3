"""Tabulate the fitted curves of every hidden size and optimizer."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import numpy
import torch

from autodiff_pipeline.data.units import restored
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.networks.activations import activation_named
from autodiff_pipeline.networks.arrays import FINAL, final_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.storage.arrays import read_rows_with_arrays
from autodiff_pipeline.storage.frames import LARGEST, write_groups
from autodiff_pipeline.tables.fits import curves, fits, grid

torch.set_num_threads(snakemake.threads)
inputs, settings = snakemake.input, snakemake.params.settings
activation = activation_named(settings["activation"]).function
x = grid(*settings["interval"])


def curves_of_trained(networks_path, parameters_path, points):
    """The curves, at some points x, of the networks of one group that did not diverge."""
    for networks, arrays in read_rows_with_arrays(networks_path, parameters_path, FINAL):
        trained = torch.tensor((networks["status"] == "trained").to_numpy())
        yield curves(
            Parameters(*(value[trained] for value in final_parameters(arrays))), activation, points
        )


def table(networks_path, parameters_path):
    """Frames of a few points each, as quantiles need the values of all networks at a point."""
    for points in x.split(max(1, LARGEST // settings["networks"])):
        every = numpy.concatenate(list(curves_of_trained(networks_path, parameters_path, points)))
        frame = fits(every)
        if "true_model" in settings:
            frame.insert(
                0, "y_true", tensor_function(parse(settings["true_model"]))(points).numpy()
            )
        for column in frame:
            frame[column] = restored(frame[column], settings["units"]["y"])
        frame.insert(0, "x", restored(points.numpy(), settings["units"]["x"]))
        yield frame


write_groups(
    zip(settings["groups"], map(table, inputs.networks, inputs.parameters), strict=True),
    snakemake.output[0],
)
