"""Train the networks of one hidden size, or a block of them, with one optimizer."""

from job import keep_freed_memory, start

say = start(snakemake)

import shutil
import sysconfig
from functools import partial
from pathlib import Path

import torch

from archives import write_arrays
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.training.checkpoint import from_arrays, to_arrays
from autodiff_pipeline.training.engines import choose_engine
from autodiff_pipeline.training.loop import begin, logged_epochs, train
from autodiff_pipeline.training.methods import make_method
from autodiff_pipeline.training.records import history_frame, networks_frame, parameter_arrays
from autodiff_pipeline.training.sharpness import sharpness
from checkpoint import Checkpoint
from files import fingerprint, read_csv, write_csv

torch.set_num_threads(snakemake.threads)
keep_freed_memory()
settings = snakemake.params.settings
if settings["device"] == "cuda" and not torch.cuda.is_available():
    raise ValueError(
        "configuration key 'training.device' is \"cuda\", but torch finds no GPU here: give cpu"
    )
optimizer = dict(settings["optimizer"])
epochs = optimizer.pop("epochs", settings["epochs"])
data_sets = [read_csv(path) for path in snakemake.input.data]
x, y = (
    torch.stack([torch.tensor(d[name].to_numpy()) for d in data_sets]).to(settings["device"])
    for name in "xy"
)
data_seeds, init_seeds = (range(*settings[seeds]) for seeds in ("data_seeds", "init_seeds"))
hidden_size = int(snakemake.wildcards.hidden_size)
initial = initial_parameters(settings["root_seed"], data_seeds, init_seeds, hidden_size)
compiler = bool(shutil.which("c++")) and Path(sysconfig.get_path("include"), "Python.h").exists()
engine = choose_engine(
    settings["engine"],
    settings["activation"],
    work=hidden_size * x.shape[1] * epochs,
    compiler=compiler,
)
say(f"{initial.c.numel()} networks, engine {engine.name}: {engine.reason}")

gradient = engine.batched_gradient(x, y, settings["gradient"])
method = make_method(snakemake.wildcards.optimizer, optimizer, gradient, x, y)
parameters = Parameters(*(value.to(settings["device"]) for value in initial))
folder = Path(snakemake.output.get("folder") or Path(snakemake.output.parameters).parent)
checkpoint = Checkpoint(
    folder.with_name(f"{folder.name}.checkpoint.npz"),
    fingerprint(snakemake.input.data, list(snakemake.params)),
)
resumed = None
if arrays := checkpoint.read(say):
    resumed = from_arrays(arrays, like=begin(method, parameters))
    say(f"goes on from epoch {resumed.epoch}, where it was interrupted")
# of every tenth of the way the first epoch that is logged
told = {10 * epoch // epochs: epoch for epoch in reversed(logged_epochs(epochs))}.values()


def report(progress):
    """Say how far training is, and keep it for a job that takes over should this one be killed."""
    if progress.epoch - 1 in told:
        losses = progress.losses[-1]
        finite = losses[torch.isfinite(losses)]
        say(f"epoch {progress.epoch - 1} of {epochs}: median loss {finite.median():.6g}")
    if progress.epoch % settings["checkpoint_every"] == 0:
        checkpoint.write(to_arrays(progress))


steepness = {}
if settings["sharpness"]:
    per_unit = engine.values_per_unit(x.shape[1])
    steepness = {"measure": partial(sharpness, gradient, values_per_unit=per_unit)}
history = train(method, parameters, epochs, report, resumed=resumed, **steepness)
folder.mkdir(exist_ok=True)
write_csv(networks_frame(history, data_seeds, init_seeds), folder / "networks.csv")
write_csv(history_frame(history, data_seeds, init_seeds), folder / "history.csv")
write_arrays(
    folder / "parameters.npz", parameter_arrays(initial, history.final, data_seeds, init_seeds)
)
checkpoint.remove()
