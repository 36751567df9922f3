"""Tabulate how likely one hidden size and optimizer beats another."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from autodiff_pipeline.storage.frames import read_groups, write_csv
from autodiff_pipeline.tables.comparisons import comparisons
from autodiff_pipeline.tables.crossed_seeds import risk_table

groups = read_groups(snakemake.input.networks)
risks = {group: risk_table(networks) for group, networks in groups}
write_csv(comparisons(list(risks), list(risks.values())), snakemake.output[0])
