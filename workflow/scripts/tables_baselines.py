"""Tabulate the closed-form fits of the data, and the noise floor."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import torch

from autodiff_pipeline.data.data_set import data_set
from autodiff_pipeline.storage.frames import read_csv, write_csv
from autodiff_pipeline.tables.baselines import baselines

torch.set_num_threads(snakemake.threads)
data_sets = [data_set(read_csv(path)) for path in snakemake.input.data]
write_csv(baselines(data_sets, **snakemake.params.settings), snakemake.output[0])
