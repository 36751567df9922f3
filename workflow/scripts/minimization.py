"""Write the traces of both problems, minimized by either gradient, as one table."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import pandas
import torch

from autodiff_pipeline.data.data_set import data_set
from autodiff_pipeline.minimization import network_problem, polynomial_problem, trace
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.storage.frames import read_csv, write_csv

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
data = data_set(read_csv(snakemake.input.data))

polynomial, closed_form = polynomial_problem(data, settings["input_scale"])
networks = initial_parameters(settings["root_seed"], [0], [0], settings["hidden_size"])
network = network_problem(data, Parameters(*(value[0, 0] for value in networks)))
traces = []
for name, problem in (("polynomial", polynomial), ("network", network)):
    say(f"{settings['epochs']} epochs of the {name}")
    descent = trace(
        problem, learning_rate=settings[f"{name}_learning_rate"], epochs=settings["epochs"]
    )
    descent.insert(0, "problem", name)
    traces.append(descent)
traces[0]["closed_form"] = traces[0]["quantity"].map(closed_form)
write_csv(pandas.concat(traces), snakemake.output[0])
