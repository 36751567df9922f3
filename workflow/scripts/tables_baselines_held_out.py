"""Tabulate the closed-form fits of the measurements."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import torch

from autodiff_pipeline.data.data_set import data_set
from autodiff_pipeline.storage.frames import read_csv, write_csv
from autodiff_pipeline.tables.held_out_baselines import held_out_baselines

torch.set_num_threads(snakemake.threads)
training, held_out = (
    [data_set(read_csv(path)) for path in paths]
    for paths in (snakemake.input.training, snakemake.input.held_out)
)
write_csv(held_out_baselines(training, held_out), snakemake.output[0])
