"""Tabulate the sharpness by epoch of every hidden size."""

from job import start

start(snakemake)

from autodiff_pipeline.tables.sharpness import sharpness
from files import read_csv, write_groups

write_groups(
    (sharpness(read_csv(path)) for path in snakemake.input.history),
    snakemake.params.settings["groups"],
    snakemake.output[0],
)
