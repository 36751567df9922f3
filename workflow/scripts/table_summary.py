"""Summarize every hidden size and optimizer in one row."""

from job import start

start(snakemake)

import numpy
import pandas

from autodiff_pipeline.tables.summary import summary
from files import read_csv, write_csv

groups = read_csv(snakemake.input.networks).groupby(["hidden_size", "optimizer"], sort=False)
rows = []
for (hidden_size, optimizer), networks in groups:
    generator = numpy.random.default_rng(snakemake.params.settings["root_seed"])
    row = summary(networks, generator)
    row.insert(0, "hidden_size", hidden_size)
    row.insert(1, "optimizer", optimizer)
    rows.append(row)
write_csv(pandas.concat(rows), snakemake.output[0])
