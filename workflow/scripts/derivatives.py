"""Compare the derivatives of a batch of functions with certified truth."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import torch

from autodiff_pipeline.derivatives.atlas import atlas
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.randomness import points_generator
from autodiff_pipeline.storage.frames import write_csv

torch.set_num_threads(snakemake.threads)
settings = dict(snakemake.params.settings)
functions = settings.pop("functions")
root_seed = settings.pop("root_seed")
shown = settings.pop("shown")
for index, (name, function) in enumerate(functions):
    streams = {dtype: points_generator(root_seed, name, dtype) for dtype in settings["dtypes"]}
    function = {**function, "expression": parse(function["expression"]), "shown": name == shown}
    function["step_sizes"] |= name == shown
    frames = atlas(name, special=function.pop("points"), **function, **settings, generators=streams)
    for kind, frame in frames._asdict().items():
        write_csv(frame, snakemake.output[kind][index])
    done = f"{index + 1} of {len(functions)} functions"
    say(f"{name}: {len(frames.accuracy)} rows of accuracy, {done}")
