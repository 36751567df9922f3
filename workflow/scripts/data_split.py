"""Split a user's own measurements into data sets, each with a part that is held out."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

from pathlib import Path

import pandas

from autodiff_pipeline.data.measurements import measurements
from autodiff_pipeline.data.splitting import split
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.storage.frames import write_csv

settings, output = snakemake.params.settings, snakemake.output
content = Path(snakemake.input.file).read_bytes()
measured = measurements(content, snakemake.input.file, settings["x"], settings["y"])
for data_seed in range(settings["seeds"]):
    parts = split(generator(settings["root_seed"], "splits", data_seed), measured)
    for part, path in (
        (parts.training, output.training[data_seed]),
        (parts.held_out, output.held_out[data_seed]),
    ):
        write_csv(pandas.DataFrame({"x": part.x, "y": part.y}), path)
say(f"{settings['seeds']} splits of {len(measured.x)} rows, {measured.held_out} of them held out")
