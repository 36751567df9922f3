"""Summarize every hidden size and optimizer in one row."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from autodiff_pipeline.storage.frames import read_groups, write_groups
from autodiff_pipeline.tables.summary import summary

groups = read_groups(snakemake.input.networks, ["hidden_size", "optimizer"])
write_groups(
    ([summary(networks)] for _, networks in groups),
    snakemake.params.settings["groups"],
    snakemake.output[0],
)
