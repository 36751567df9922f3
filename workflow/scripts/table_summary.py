"""Summarize every hidden size and optimizer in one row."""

from job import start

start(snakemake)

from autodiff_pipeline.tables.summary import summary
from files import read_groups, write_groups

groups = read_groups(snakemake.input.networks, ["hidden_size", "optimizer"])
write_groups(
    ([summary(networks)] for _, networks in groups),
    snakemake.params.settings["groups"],
    snakemake.output[0],
)
