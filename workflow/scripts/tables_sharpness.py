"""Tabulate the sharpness by epoch of every hidden size."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from functools import partial

from autodiff_pipeline.storage.frames import read_by_value, read_csv, write_groups
from autodiff_pipeline.tables.sharpness import sharpness

inputs, settings = snakemake.input, snakemake.params.settings


def table(history, networks):
    """Frames of a few epochs each: quantiles need all networks' values at an epoch together."""
    of_epochs = partial(sharpness, networks=read_csv(networks))
    return map(of_epochs, read_by_value(history, "epoch", settings["networks"]))


write_groups(
    zip(settings["groups"], map(table, inputs.history, inputs.networks), strict=True),
    snakemake.output[0],
)
