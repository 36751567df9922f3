"""Train the networks of one hidden size with one optimizer."""

from job import start

say = start(snakemake)

import itertools

import numpy
import pandas
import torch

from autodiff_pipeline.network import Parameters, to_arrays
from autodiff_pipeline.training.engines import choose_engine
from autodiff_pipeline.training.initial import initial_parameters
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.optimizers import OPTIMIZERS
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
diverged = history.diverged.flatten().numpy()
by_seed = pandas.DataFrame(
    itertools.product(data_seeds, init_seeds), columns=["data_seed", "init_seed"]
)
write_csv(
    by_seed.assign(
        status=numpy.where(diverged < 0, "trained", "diverged"),
        epochs=numpy.where(diverged < 0, settings["epochs"], diverged),
        train_loss=history.losses[-1].flatten().numpy(),
    ),
    snakemake.output.networks,
)
losses = history.losses.flatten(1).T
networks, count = losses.shape
write_csv(
    by_seed.loc[numpy.repeat(by_seed.index, count)].assign(
        epoch=numpy.tile(history.epochs, networks), loss=losses.flatten().numpy()
    ),
    snakemake.output.history,
)
write_arrays(
    snakemake.output.parameters,
    {
        **{name: by_seed[name].to_numpy() for name in by_seed},
        **to_arrays(Parameters(*(value.flatten(0, 1) for value in initial)), "initial"),
        **to_arrays(Parameters(*(value.flatten(0, 1) for value in history.final)), "final"),
    },
)
