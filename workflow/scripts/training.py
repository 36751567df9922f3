"""Train the networks of one hidden size with one optimizer."""

from job import start

say = start(snakemake)

import numpy
import pandas
import torch
from files import read_csv, write_arrays, write_csv

from autodiff_pipeline.network import to_arrays
from autodiff_pipeline.training.dense import gradient_and_loss
from autodiff_pipeline.training.initial import initial_parameters
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.optimizers import OPTIMIZERS

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
data_sets = [read_csv(path) for path in snakemake.input.data]
x, y = (torch.stack([torch.tensor(d[name].to_numpy()) for d in data_sets]) for name in "xy")
seeds = [(d, i) for d in range(settings["data_seeds"]) for i in range(settings["init_seeds"])]
hidden_size = int(snakemake.wildcards.hidden_size)
initial = initial_parameters(settings["root_seed"], seeds, hidden_size)


def report(epoch, losses):
    """Say how far training is."""
    finite = losses[torch.isfinite(losses)]
    say(f"epoch {epoch} of {settings['epochs']}: median loss {finite.median():.6g}")


history = train(
    gradient_and_loss(x, y, torch.relu),
    OPTIMIZERS[snakemake.wildcards.optimizer](**settings["optimizer"]),
    initial,
    settings["epochs"],
    report,
)
diverged = history.diverged.numpy()
by_seed = pandas.DataFrame(seeds, columns=["data_seed", "init_seed"])
write_csv(
    by_seed.assign(
        status=numpy.where(diverged < 0, "trained", "diverged"),
        epochs=numpy.where(diverged < 0, settings["epochs"], diverged),
        train_loss=history.losses[-1].numpy(),
    ),
    snakemake.output.networks,
)
count, networks = history.losses.shape
write_csv(
    by_seed.loc[numpy.repeat(by_seed.index, count)].assign(
        epoch=numpy.tile(history.epochs, networks), loss=history.losses.T.flatten().numpy()
    ),
    snakemake.output.history,
)
write_arrays(
    snakemake.output.parameters,
    {
        **{name: by_seed[name].to_numpy() for name in by_seed},
        **to_arrays(initial, "initial"),
        **to_arrays(history.final, "final"),
    },
)
