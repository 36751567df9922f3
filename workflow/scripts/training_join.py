"""Join the blocks of one hidden size and optimizer."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from autodiff_pipeline.storage.arrays import join_arrays
from autodiff_pipeline.storage.frames import join_csv

for join, path in (
    (join_csv, "networks.csv"),
    (join_csv, "history.csv"),
    (join_arrays, "parameters.npz"),
):
    output = snakemake.output[path.split(".")[0]]
    join([f"{folder}/{path}" for folder in snakemake.input.blocks], output)
