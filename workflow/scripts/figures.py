"""Draw the figures of one module, each as SVG and PNG."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from importlib import import_module

from autodiff_pipeline.figures.theme import picture
from autodiff_pipeline.storage.files import whole
from autodiff_pipeline.storage.frames import read_csv

module = import_module(f"autodiff_pipeline.figures.{snakemake.params.module}")
frames = {name: read_csv(snakemake.input[name]) for name in snakemake.params.frames}
for index, settings in enumerate(snakemake.params.settings):
    figure = module.draw(**frames, **settings)
    for kind, paths in snakemake.output.items():
        with whole(paths[index]) as temporary:
            temporary.write_bytes(picture(figure, kind))
