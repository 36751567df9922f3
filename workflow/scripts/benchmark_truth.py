"""Time truth by pieces, truth at points and their peers, after checking that all agree."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

from time import process_time

import pandas
import torch

from autodiff_pipeline.benchmark.truth_timing import row_line, truth_rows
from autodiff_pipeline.storage.frames import write_csv
from autodiff_pipeline.storage.machine import keep_freed_memory

torch.set_num_threads(snakemake.threads)
keep_freed_memory()
rows = []
for case in truth_rows(snakemake.params.settings, snakemake.threads, process_time):
    rows += case
    say("\n".join(map(row_line, case)))
write_csv(pandas.DataFrame(rows), snakemake.output[0])
