"""Find the best network of every hidden size for each data set, and for the true model."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import pandas
import torch

from autodiff_pipeline.data.data_set import data_set
from autodiff_pipeline.storage.frames import read_csv, write_csv
from autodiff_pipeline.storage.machine import keep_freed_memory
from autodiff_pipeline.tables.best_networks import best_networks

torch.set_num_threads(snakemake.threads)
keep_freed_memory()
settings = dict(snakemake.params.settings)
data_sets = [data_set(read_csv(path)) for path in snakemake.input.data]
frames = []
for hidden_size in settings.pop("hidden_sizes"):
    frame = best_networks(data_sets, hidden_size, **settings)
    frame.insert(0, "hidden_size", hidden_size)
    frames.append(frame)
    say(f"{hidden_size} hidden units on {len(data_sets)} data sets")
write_csv(pandas.concat(frames), snakemake.output[0])
