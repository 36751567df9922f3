"""Tabulate the loss by epoch of every hidden size and optimizer."""

from job import start

start(snakemake)

from autodiff_pipeline.tables.convergence import convergence
from files import read_in_turn, write_groups

settings = snakemake.params.settings
write_groups(
    (
        map(convergence, read_in_turn(path, "epoch", settings["networks"], ["epoch", "loss"]))
        for path in snakemake.input.history
    ),
    settings["groups"],
    snakemake.output[0],
)
