"""Tabulate the sharpness by epoch of every hidden size."""

from job import start

start(snakemake)

from functools import partial

from autodiff_pipeline.tables.sharpness import sharpness
from files import read_csv, read_in_turn, write_groups

settings = snakemake.params.settings
write_groups(
    (
        map(
            partial(sharpness, networks=read_csv(networks)),
            read_in_turn(history, "epoch", settings["networks"]),
        )
        for history, networks in zip(snakemake.input.history, snakemake.input.networks, strict=True)
    ),
    settings["groups"],
    snakemake.output[0],
)
