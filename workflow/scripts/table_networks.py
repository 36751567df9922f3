"""Tabulate every network: how it ended, and how far it is from the truth."""

from job import start

say = start(snakemake)

import numpy

from autodiff_pipeline.network import ACTIVATIONS
from autodiff_pipeline.tables.excess_risk import excess_risk
from autodiff_pipeline.training.records import final_parameters
from files import read_arrays, read_csv, write_groups

settings = dict(snakemake.params.settings)
groups = settings.pop("groups")
activation = ACTIVATIONS[settings.pop("activation")]


def networks(parameters_path, networks_path):
    """The networks of one group with their excess risk, infinite where training diverged."""
    frame = read_csv(networks_path)
    parameters = final_parameters(read_arrays(parameters_path))
    risk = excess_risk(parameters, activation, **settings)
    return frame.assign(
        excess_risk=numpy.where(frame["status"] == "trained", risk.numpy(), numpy.inf)
    )


write_groups(
    map(networks, snakemake.input.parameters, snakemake.input.networks),
    groups,
    snakemake.output[0],
)
