"""Draw one figure, as SVG and PNG."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from importlib import import_module

from autodiff_pipeline.figures.theme import picture
from autodiff_pipeline.storage.files import whole
from autodiff_pipeline.storage.frames import read_csv

figure = import_module(f"autodiff_pipeline.figures.{snakemake.params.drawn_by}").draw(
    **{name: read_csv(snakemake.input[name]) for name in snakemake.params.frames},
    **snakemake.params.settings,
)
for kind, path in snakemake.output.items():
    with whole(path) as temporary:
        temporary.write_bytes(picture(figure, kind))
