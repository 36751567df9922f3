"""Time our engines and their peers side by side, on one core, after checking that they agree."""

from job import keep_freed_memory, start

say = start(snakemake)

import os
from statistics import median
from time import perf_counter

if hasattr(os, "sched_setaffinity"):  # before JAX counts the cores
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: snakemake.threads])

import pandas
import torch

from autodiff_pipeline.benchmark.contestants import check_losses, contestants
from autodiff_pipeline.benchmark.peers import Problem
from autodiff_pipeline.data import draw
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.randomness import generator
from files import write_csv

CHECKED_STEPS, MOST_STEPS = 10, 1000
RUN_SECONDS = 0.3  # wanted of a timed run
TOO_LONG = 0.5  # seconds of the checked steps, from which larger cases are left out

torch.set_num_threads(snakemake.threads)
keep_freed_memory()
settings = snakemake.params.settings
root_seed, hidden_size = settings["root_seed"], settings["hidden_size"]


def seconds(call, *arguments):
    """How long a call takes, and what it gives."""
    begin = perf_counter()
    result = call(*arguments)
    return perf_counter() - begin, result


def timed(candidates, activation, networks, samples):
    """Rows of one case, and the candidates fast enough for a larger one."""
    data = draw(generator(root_seed, "data", 0), **{**settings["data"], "samples": samples})
    initial = initial_parameters(root_seed, [0], range(networks), hidden_size)
    initial = Parameters(*(value[0] for value in initial))
    problem = Problem(initial, data.x, data.y, activation, settings["learning_rate"])
    preparation, checked, runs, times = {}, {}, {}, {name: [] for name in candidates}
    for name, prepare in candidates.items():
        preparation[name], run = seconds(prepare, problem, CHECKED_STEPS)
        checked[name] = seconds(run)
        wanted = int(RUN_SECONDS * CHECKED_STEPS / checked[name][0])
        steps = min(max(wanted, CHECKED_STEPS), MOST_STEPS)
        runs[name] = steps, prepare(problem, steps)
    check_losses({name: losses for name, (_, losses) in checked.items()})
    for _ in range(settings["repeats"]):  # in turn: what slows the machine slows all
        for name, (_, run) in runs.items():
            times[name].append(seconds(run)[0])
    rows = [
        {
            "engine": name,
            "activation": activation,
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
            "{activation}, {networks} networks, {samples} samples: "
            "{microseconds:.3g} us, {engine}".format(**row)
        )
    return rows, {name: candidates[name] for name in candidates if checked[name][0] < TOO_LONG}


rows = []
for activation, cases in settings["series"]:
    candidates = contestants(activation)
    for case in cases:
        more, candidates = timed(candidates, activation, **case)
        rows += more
write_csv(pandas.DataFrame(rows), snakemake.output[0])
