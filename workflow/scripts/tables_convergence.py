"""Tabulate the loss by epoch of every hidden size and optimizer."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from autodiff_pipeline.storage.frames import read_by_value, write_groups
from autodiff_pipeline.tables.convergence import convergence

settings = snakemake.params.settings


def table(history):
    """Frames of a few epochs each: quantiles need all networks' losses at an epoch together."""
    return map(
        convergence, read_by_value(history, "epoch", settings["networks"], ["epoch", "loss"])
    )


write_groups(
    zip(settings["groups"], map(table, snakemake.input.history), strict=True),
    snakemake.output[0],
)
