"""Draw figures of the same frames by one module, each as SVG and PNG."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from importlib import import_module
from pathlib import Path

from autodiff_pipeline.figures.theme import picture
from autodiff_pipeline.storage.files import whole
from autodiff_pipeline.storage.frames import read_csv

module = import_module(f"autodiff_pipeline.figures.{snakemake.params.module}")
frames = {name: read_csv(snakemake.input[name]) for name in snakemake.params.frames}
count = len(snakemake.params.settings)  # of figures; first come all SVGs, then all PNGs
for index, settings in enumerate(snakemake.params.settings):
    figure = module.draw(**frames, **settings)
    for path in snakemake.output[index::count]:
        with whole(path) as temporary:
            temporary.write_bytes(picture(figure, Path(path).suffix[1:]))
