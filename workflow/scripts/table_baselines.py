"""Tabulate the closed-form fits of the data, and the noise floor."""

from job import start

start(snakemake)

import torch

from autodiff_pipeline.data import DataSet
from autodiff_pipeline.tables.baselines import baselines
from files import read_csv, write_csv

torch.set_num_threads(snakemake.threads)
data_sets = [
    DataSet(*(torch.tensor(frame[name].to_numpy()) for name in DataSet._fields))
    for frame in map(read_csv, snakemake.input.data)
]
write_csv(baselines(data_sets, **snakemake.params.settings), snakemake.output[0])
