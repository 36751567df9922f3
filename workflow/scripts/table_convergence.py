"""Tabulate the loss by epoch of every hidden size and optimizer."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from autodiff_pipeline.storage.frames import read_by_value, write_groups
from autodiff_pipeline.tables.convergence import convergence

settings = snakemake.params.settings
write_groups(
    (
        map(convergence, read_by_value(path, "epoch", settings["networks"], ["epoch", "loss"]))
        for path in snakemake.input.history
    ),
    settings["groups"],
    snakemake.output[0],
)
