"""Minimize both problems by every gradient, and write down where the runs went."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

import pandas
import torch

from autodiff_pipeline.data.data_set import data_set
from autodiff_pipeline.minimization.descent import descents, trace
from autodiff_pipeline.minimization.problems import network_problem, polynomial_problem
from autodiff_pipeline.minimization.trajectories import active_points, crossings, growth
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.storage.frames import read_csv, write_csv

torch.set_num_threads(snakemake.threads)
settings, outputs = snakemake.params.settings, snakemake.output
epochs = settings["epochs"]
data = data_set(read_csv(snakemake.input.data))


def with_first(column, frames):
    """All frames as one, a column in front."""
    frame = pandas.concat(frames)
    return frame[[column, *frame.columns.drop(column)]]


say(f"{epochs} epochs of the polynomial")
polynomial, closed_form = polynomial_problem(data, settings["input_scale"])
rate = settings["polynomial_learning_rate"]
stretches = descents(polynomial, learning_rate=rate, epochs=epochs)
traces = [trace(polynomial, stretch, epochs=epochs) for stretch in stretches]
traces = [pandas.concat(traces).assign(problem="polynomial")]
traces[0]["closed_form"] = traces[0]["quantity"].map(closed_form)

networks = initial_parameters(settings["root_seed"], [0], [0], settings["hidden_size"])
grown, crossed = [], []
for dtype in (torch.float64, torch.float32):
    name = str(dtype).removeprefix("torch.")
    say(f"{epochs} epochs of the network in {name}, by three gradients")
    given = data._replace(x=data.x.to(dtype), y=data.y.to(dtype))
    start_point = Parameters(*(value[0, 0].to(dtype) for value in networks))
    network = network_problem(given, start_point)
    rate = settings["network_learning_rate"]
    for stretch in descents(network, learning_rate=rate, epochs=epochs):
        active = active_points(stretch, start_point, given.x)
        grown.append(growth(stretch, active).assign(dtype=name))
        crossed.append(crossings(stretch, active).assign(dtype=name))
        if dtype == torch.float64:
            traces.append(trace(network, stretch, epochs=epochs).assign(problem="network"))

write_csv(with_first("problem", traces), outputs.trace)
write_csv(with_first("dtype", grown), outputs.growth)
write_csv(with_first("dtype", crossed), outputs.crossings)
