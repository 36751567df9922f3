"""Join one table of the derivatives stage over all functions."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

import pandas

from autodiff_pipeline.storage.frames import read_csv, write_csv

frames = [read_csv(path) for path in snakemake.input.frames]
filled = [frame for frame in frames if len(frame)]
write_csv(pandas.concat(filled) if filled else frames[0], snakemake.output[0])
