"""Tabulate approximation, estimation and optimization of every hidden size and optimizer."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from autodiff_pipeline.storage.frames import read_csv, read_groups, write_groups
from autodiff_pipeline.tables.error_decomposition import error_decomposition

best = dict(list(read_csv(snakemake.input.best).groupby("hidden_size")))
groups = read_groups(snakemake.input.networks, ["hidden_size", "optimizer"])
write_groups(
    ([error_decomposition(networks, best[hidden_size])] for (hidden_size, _), networks in groups),
    snakemake.params.settings["groups"],
    snakemake.output[0],
)
