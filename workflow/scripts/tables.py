"""Make a table by the pure function of its name."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from importlib import import_module
from pathlib import Path

from autodiff_pipeline.storage.frames import read_csv, read_groups, write_csv, write_groups

table = Path(snakemake.output[0]).stem
tabulate = getattr(import_module(f"autodiff_pipeline.tables.{table}"), table)
inputs = dict(snakemake.input.items())
groups = inputs.pop("groups", None)
given = {name: read_csv(path) for name, path in inputs.items()} | snakemake.params.settings
if groups:
    parts = ((group, [tabulate(rows, **given)]) for group, rows in read_groups(groups))
    write_groups(parts, snakemake.output[0])
else:
    write_csv(tabulate(**given), snakemake.output[0])
