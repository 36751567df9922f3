"""Measure the largest errors of one stable rule."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import pandas
import torch

from autodiff_pipeline.stable.measurement import claims
from autodiff_pipeline.storage.frames import write_csv

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
write_csv(pandas.DataFrame(claims(**settings)), snakemake.output[0])
