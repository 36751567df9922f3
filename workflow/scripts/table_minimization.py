"""Tabulate the minimization with the automatic beside the exact derivative."""

from job import start

start(snakemake)

from autodiff_pipeline.tables.minimization import minimization
from files import read_csv, write_csv

write_csv(minimization(read_csv(snakemake.input.trace)), snakemake.output[0])
