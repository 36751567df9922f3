"""Tabulate how likely one hidden size and optimizer beats another."""

from job import start

start(snakemake)

from autodiff_pipeline.tables.comparisons import comparisons
from autodiff_pipeline.tables.crossed_seeds import risk_table
from files import read_groups, write_csv

groups = read_groups(snakemake.input.networks, ["hidden_size", "optimizer"])
risks = {group: risk_table(networks) for group, networks in groups}
write_csv(comparisons(list(risks), list(risks.values())), snakemake.output[0])
