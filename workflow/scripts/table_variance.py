"""Tabulate where the variance of every hidden size and optimizer comes from."""

from job import start

start(snakemake)

import numpy

from autodiff_pipeline.tables.variance import variance
from files import read_groups, write_groups

root_seed = snakemake.params.settings["root_seed"]
groups = read_groups(snakemake.input.networks, ["hidden_size", "optimizer"])
write_groups(
    ([variance(networks, numpy.random.default_rng(root_seed))] for _, networks in groups),
    snakemake.params.settings["groups"],
    snakemake.output[0],
)
