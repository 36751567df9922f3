"""Tabulate where the variance of every hidden size and optimizer comes from."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import numpy

from autodiff_pipeline.storage.frames import read_groups, write_groups
from autodiff_pipeline.tables.variance import variance

root_seed = snakemake.params.settings["root_seed"]
groups = read_groups(snakemake.input.networks, ["hidden_size", "optimizer"])
write_groups(
    ([variance(networks, numpy.random.default_rng(root_seed))] for _, networks in groups),
    snakemake.params.settings["groups"],
    snakemake.output[0],
)
