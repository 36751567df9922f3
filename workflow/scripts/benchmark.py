"""Time our engines and their peers side by side, on one core, after checking that they agree."""

from job import start

say = start(snakemake)

import os
from statistics import median
from time import perf_counter

if hasattr(os, "sched_setaffinity"):  # before JAX counts the cores
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: snakemake.threads])

import pandas
import torch

from autodiff_pipeline.data import draw
from autodiff_pipeline.network import Parameters
from autodiff_pipeline.randomness import generator
from autodiff_pipeline.training.benchmark import CONTESTANTS, check_losses
from autodiff_pipeline.training.initial import initial_parameters
from files import write_csv

CHECKED_STEPS, MOST_STEPS = 10, 1000
RUN_SECONDS = 0.3  # wanted of a timed run
TOO_LONG = 0.1  # seconds of the checked steps, from which cases ten times as large are left out

torch.set_num_threads(snakemake.threads)
settings = snakemake.params.settings
root_seed, hidden_size = settings["root_seed"], settings["hidden_size"]


def seconds(run):
    """How long one run takes, and what it gives."""
    begin = perf_counter()
    losses = run()
    return perf_counter() - begin, losses


def timed(names, networks, samples):
    """Rows of one case, and the contestants fast enough for a case ten times as large."""
    data = draw(generator(root_seed, "data", 0), **{**settings["data"], "samples": samples})
    initial = initial_parameters(root_seed, [0], range(networks), hidden_size)
    problem = (Parameters(*(value[0] for value in initial)), data.x, data.y)
    checked, runs, preparation = {}, {}, {}
    for name in names:
        begin = perf_counter()
        run = CONTESTANTS[name](*problem, settings["learning_rate"], CHECKED_STEPS)
        preparation[name] = perf_counter() - begin
        checked[name] = seconds(run)
        one = checked[name][0] / CHECKED_STEPS
        steps = min(max(int(RUN_SECONDS / one), CHECKED_STEPS), MOST_STEPS)
        runs[name] = steps, CONTESTANTS[name](*problem, settings["learning_rate"], steps)
    check_losses({name: losses for name, (_, losses) in checked.items()})
    times = {name: [] for name in names}
    for _ in range(settings["repeats"]):
        for name, (_, run) in runs.items():
            times[name].append(seconds(run)[0])
    rows = [
        {
            "engine": name,
            "networks": networks,
            "hidden_size": hidden_size,
            "samples": samples,
            "threads": snakemake.threads,
            "microseconds": 1e6 * median(times[name]) / steps / networks,
            "repeats": settings["repeats"],
            "preparation_seconds": preparation[name],
        }
        for name, (steps, _) in runs.items()
    ]
    for row in rows:
        say(
            f"{networks} networks, {samples} samples: {row['microseconds']:.3g} us, {row['engine']}"
        )
    return rows, [name for name in names if checked[name][0] < TOO_LONG]


rows = []
for sizes, case in (
    (settings["networks"], lambda size: (size, settings["data"]["samples"])),
    (settings["samples"], lambda size: (settings["few_networks"], size)),
):
    names = list(CONTESTANTS)
    for size in sizes:
        more, names = timed(names, *case(size))
        rows += more
write_csv(
    pandas.DataFrame(rows).drop_duplicates(["engine", "networks", "samples"]), snakemake.output[0]
)
