"""Tabulate every network: how it ended, and how far it is from the truth."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import numpy
import torch

from autodiff_pipeline.networks.activations import activation_named
from autodiff_pipeline.networks.arrays import FINAL, final_parameters
from autodiff_pipeline.networks.risk import excess_risk
from autodiff_pipeline.storage.arrays import read_rows_with_arrays
from autodiff_pipeline.storage.frames import write_groups

torch.set_num_threads(snakemake.threads)
inputs, settings = snakemake.input, snakemake.params.settings
activation = activation_named(settings["activation"]).function
truth = {name: settings[name] for name in ("true_model", "input_scale")}


def table(networks_path, parameters_path):
    """The networks of one group with their excess risk, infinite where training diverged."""
    for networks, arrays in read_rows_with_arrays(networks_path, parameters_path, FINAL):
        risk = excess_risk(final_parameters(arrays), activation, **truth).numpy()
        trained = networks["status"] == "trained"
        yield networks.assign(excess_risk=numpy.where(trained, risk, numpy.inf))


write_groups(
    zip(settings["groups"], map(table, inputs.networks, inputs.parameters), strict=True),
    snakemake.output[0],
)
