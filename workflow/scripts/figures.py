"""Draw one figure, as SVG and PNG."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from importlib import import_module

import matplotlib

from autodiff_pipeline.storage.files import whole
from autodiff_pipeline.storage.frames import read_csv

figure = import_module(f"autodiff_pipeline.figures.{snakemake.wildcards.figure}").draw(
    **{name: read_csv(snakemake.input[name]) for name in snakemake.params.frames},
    **snakemake.params.settings,
)
# Same figure, same bytes: identifiers from a fixed salt, and no date.
matplotlib.rcParams["svg.hashsalt"] = "autodiff-pipeline"
for path, metadata in ((snakemake.output.svg, {"Date": None}), (snakemake.output.png, {})):
    with whole(path) as temporary:
        figure.savefig(temporary, metadata=metadata)
