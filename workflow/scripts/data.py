"""Draw the data sets, one file per data seed."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import pandas

from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.storage.frames import write_csv

settings = dict(snakemake.params.settings)
root_seed = settings.pop("root_seed")
for data_seed in range(settings.pop("seeds")):
    data_set = draw(generator(root_seed, "data", data_seed), **settings)
    write_csv(pandas.DataFrame(data_set._asdict()), snakemake.output[data_seed])
say(f"{data_seed + 1} data sets of {settings['samples']} points")
