"""Tabulate every network: how it ended, and how well it predicts what was held out."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import numpy
import torch

from autodiff_pipeline.data.data_set import data_set
from autodiff_pipeline.networks.activations import activation_named
from autodiff_pipeline.networks.arrays import FINAL, final_parameters
from autodiff_pipeline.networks.held_out import held_out_loss
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.storage.arrays import read_rows_with_arrays
from autodiff_pipeline.storage.frames import read_csv, write_groups

torch.set_num_threads(snakemake.threads)
inputs, settings = snakemake.input, snakemake.params.settings
activation = activation_named(settings["activation"]).function
held_out = [data_set(read_csv(path)) for path in inputs.held_out]


def losses(networks, parameters):
    """The loss of each network on what was held out of its own split, in their order."""
    found = numpy.empty(len(networks))
    for seed in networks["data_seed"].unique():
        chosen = (networks["data_seed"] == seed).to_numpy()
        of_split = Parameters(*(value[torch.from_numpy(chosen)] for value in parameters))
        part = held_out[seed]
        found[chosen] = held_out_loss(of_split, part.x, part.y, activation).numpy()
    return found


def table(networks_path, parameters_path):
    """The networks of one group with their held-out loss, infinite where training diverged."""
    for networks, arrays in read_rows_with_arrays(networks_path, parameters_path, FINAL):
        loss = losses(networks, final_parameters(arrays))
        trained = networks["status"] == "trained"
        yield networks.assign(held_out_loss=numpy.where(trained, loss, numpy.inf))


write_groups(
    zip(settings["groups"], map(table, inputs.networks, inputs.parameters), strict=True),
    snakemake.output[0],
)
