"""Train the networks of hidden sizes, or a block of those of one, with one optimizer."""

from autodiff_pipeline.storage.logs import start

say = start(snakemake)

from pathlib import Path

import torch

from autodiff_pipeline.storage.arrays import write_arrays
from autodiff_pipeline.storage.checkpoints import Checkpoint
from autodiff_pipeline.storage.files import fingerprint
from autodiff_pipeline.storage.frames import read_csv, write_csv
from autodiff_pipeline.storage.machine import has_compiler, keep_freed_memory
from autodiff_pipeline.training import sweep
from autodiff_pipeline.training.checkpoint import from_arrays, to_arrays
from autodiff_pipeline.training.loop import begin, train
from autodiff_pipeline.training.records import history_frame, networks_frame, parameter_arrays

torch.set_num_threads(snakemake.threads)
keep_freed_memory()
settings = snakemake.params.settings
seeds = {name: range(*settings[name]) for name in ("data_seeds", "init_seeds")}
x, y = sweep.stacked([read_csv(path) for path in snakemake.input.data])
given = fingerprint(snakemake.input.data, list(snakemake.params))


def run(hidden_size, folder):
    """Train the networks of one hidden size, and write them to a folder."""
    job = sweep.job(
        settings,
        x,
        y,
        optimizer=snakemake.wildcards.optimizer,
        hidden_size=hidden_size,
        **seeds,
        compiler=has_compiler(),
    )
    say(f"{job.initial.c.numel()} networks of {hidden_size} hidden units, engine {job.engine}")

    checkpoint = Checkpoint(folder.with_name(f"{folder.name}.checkpoint.npz"), given)
    resumed = None
    if arrays := checkpoint.read(say):
        resumed = from_arrays(arrays, like=begin(job.method, job.initial))
        say(f"resumes from epoch {resumed.epoch}, where it was interrupted")
    told = sweep.told_epochs(job.epochs)

    def report(progress):
        """Report progress, and store it in case this job is killed."""
        if progress.epoch - 1 in told:
            say(sweep.progress_line(progress, job.epochs))
        if progress.epoch % settings["checkpoint_every"] == 0:
            checkpoint.write(to_arrays(progress))

    history = train(job.method, job.initial, job.epochs, report, job.measure, resumed)
    folder.mkdir(exist_ok=True)
    write_csv(networks_frame(history, **seeds), folder / "networks.csv")
    write_csv(history_frame(history, **seeds), folder / "history.csv")
    write_arrays(folder / "parameters.npz", parameter_arrays(job.initial, history.final, **seeds))
    checkpoint.remove()


paths = [Path(path) for path in snakemake.output]
is_block = bool(snakemake.output.get("folder"))  # otherwise each folder holds several files
folders = paths if is_block else list(dict.fromkeys(path.parent for path in paths))
for hidden_size, folder in zip(settings["hidden_sizes"], folders, strict=True):
    run(hidden_size, folder)
