"""Tabulate what was measured."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from pathlib import Path

from autodiff_pipeline.data.measurements import measurements
from autodiff_pipeline.storage.frames import write_csv
from autodiff_pipeline.tables import measurements as table

file, settings = snakemake.input.file, snakemake.params.settings
measured = measurements(Path(file).read_bytes(), file, settings["x"], settings["y"])
write_csv(table.measurements(measured), snakemake.output[0])
