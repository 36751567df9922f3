"""Tabulate the sharpness by epoch of every hidden size."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from functools import partial

from autodiff_pipeline.storage.frames import read_by_value, read_csv, write_groups
from autodiff_pipeline.tables.sharpness import sharpness

settings = snakemake.params.settings
write_groups(
    (
        map(
            partial(sharpness, networks=read_csv(networks)),
            read_by_value(history, "epoch", settings["networks"]),
        )
        for history, networks in zip(snakemake.input.history, snakemake.input.networks, strict=True)
    ),
    settings["groups"],
    snakemake.output[0],
)
