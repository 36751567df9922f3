"""Summarize every hidden size and optimizer in one row."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import numpy
import pandas

from autodiff_pipeline.storage.frames import read_groups, write_csv
from autodiff_pipeline.tables.summary import summary

rows = []
for group, networks in read_groups(snakemake.input.networks, ["hidden_size", "optimizer"]):
    generator = numpy.random.default_rng(snakemake.params.settings["root_seed"])
    row = summary(networks, generator)
    for place, (name, value) in enumerate(zip(["hidden_size", "optimizer"], group, strict=True)):
        row.insert(place, name, value)
    rows.append(row)
write_csv(pandas.concat(rows), snakemake.output[0])
