"""Tabulate the loss by epoch of every hidden size and optimizer."""

from job import start

start(snakemake)

from autodiff_pipeline.tables.convergence import convergence
from files import read_csv, write_groups

write_groups(
    (convergence(read_csv(path, columns=["epoch", "loss"])) for path in snakemake.input.history),
    snakemake.params.settings["groups"],
    snakemake.output[0],
)
