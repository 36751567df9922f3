"""Time our engines and their peers side by side, after checking that they agree."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

from autodiff_pipeline.storage.machine import keep_freed_memory, use_cores

use_cores(snakemake.threads)  # before JAX counts them

from time import perf_counter

import pandas
import torch

from autodiff_pipeline.benchmark.timing import benchmark_rows, row_line
from autodiff_pipeline.storage.frames import write_csv

torch.set_num_threads(snakemake.threads)
keep_freed_memory()
rows = []
for case in benchmark_rows(snakemake.params.settings, snakemake.threads, perf_counter):
    rows += case
    say("\n".join(map(row_line, case)))
write_csv(pandas.DataFrame(rows), snakemake.output[0])
