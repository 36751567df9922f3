"""Join the blocks of one hidden size and optimizer."""

from job import start

start(snakemake)

from files import join_arrays, join_csv

join_csv(snakemake.input.networks, snakemake.output.networks)
join_csv(snakemake.input.history, snakemake.output.history)
join_arrays(snakemake.input.parameters, snakemake.output.parameters)
