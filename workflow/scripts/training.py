"""Train the networks of one hidden size with one optimizer."""

from job import start

say = start(snakemake)

import torch

from autodiff_pipeline.training.engines import choose_engine
from autodiff_pipeline.training.initial import initial_parameters
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.optimizers import OPTIMIZERS
from autodiff_pipeline.training.records import history_frame, networks_frame, parameter_arrays
from files import read_csv, write_arrays, write_csv

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
data_sets = [read_csv(path) for path in snakemake.input.data]
x, y = (torch.stack([torch.tensor(d[name].to_numpy()) for d in data_sets]) for name in "xy")
data_seeds, init_seeds = range(settings["data_seeds"]), range(settings["init_seeds"])
hidden_size = int(snakemake.wildcards.hidden_size)
initial = initial_parameters(settings["root_seed"], data_seeds, init_seeds, hidden_size)
engine = choose_engine(settings["engine"], settings["activation"])
say(f"{initial.c.numel()} networks, engine {engine.name}: {engine.reason}")


def report(epoch, losses):
    """Say how far training is."""
    finite = losses[torch.isfinite(losses)]
    say(f"epoch {epoch} of {settings['epochs']}: median loss {finite.median():.6g}")


history = train(
    engine.batched_gradient(x, y, settings["gradient"]),
    OPTIMIZERS[snakemake.wildcards.optimizer](**settings["optimizer"]),
    initial,
    settings["epochs"],
    report,
)
write_csv(networks_frame(history, data_seeds, init_seeds), snakemake.output.networks)
write_csv(history_frame(history, data_seeds, init_seeds), snakemake.output.history)
write_arrays(
    snakemake.output.parameters,
    parameter_arrays(initial, history.final, data_seeds, init_seeds),
)
