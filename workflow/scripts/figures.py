"""Draw figures, each as SVG and PNG."""

from autodiff_pipeline.storage.logs import start

start(snakemake)

from functools import cache
from importlib import import_module
from pathlib import Path

from autodiff_pipeline.figures.theme import picture
from autodiff_pipeline.storage.files import whole
from autodiff_pipeline.storage.frames import read_csv

frame = cache(read_csv)
for name, drawn in snakemake.params.figures.items():
    module = import_module(f"autodiff_pipeline.figures.{drawn['module']}")
    frames = {
        argument: frame(snakemake.input[f"{name}_{argument}"]) for argument in drawn["frames"]
    }
    figure = module.draw(**frames, **drawn["settings"])
    for path in [Path(path) for path in snakemake.output if Path(path).stem == name]:
        with whole(path) as temporary:
            temporary.write_bytes(picture(figure, path.suffix[1:]))
