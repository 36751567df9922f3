"""Tabulate the minimization with the automatic gradient beside the one by hand."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from autodiff_pipeline.storage.frames import read_csv, write_csv
from autodiff_pipeline.tables.minimization import minimization

write_csv(minimization(read_csv(snakemake.input.trace)), snakemake.output[0])
