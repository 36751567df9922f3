"""Tabulate every network: how it ended, and how far it is from the truth."""

from job import start

start(snakemake)

import numpy
import torch

from autodiff_pipeline.networks.network import ACTIVATIONS
from autodiff_pipeline.networks.risk import excess_risk
from files import write_groups
from trained import networks_and_parameters

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
activation = ACTIVATIONS[settings["activation"]]
truth = {name: settings[name] for name in ("true_model", "input_scale")}


def table(paths):
    """The networks of one group with their excess risk, infinite where training diverged."""
    for networks, parameters in networks_and_parameters(*paths):
        risk = excess_risk(parameters, activation, **truth).numpy()
        trained = networks["status"] == "trained"
        yield networks.assign(excess_risk=numpy.where(trained, risk, numpy.inf))


write_groups(
    map(table, zip(snakemake.input.networks, snakemake.input.parameters, strict=True)),
    settings["groups"],
    snakemake.output[0],
)
