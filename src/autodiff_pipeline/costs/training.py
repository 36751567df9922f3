"""What training costs, and how many networks fit into a job of minutes and below 1 GiB."""

import math
from collections.abc import Sequence

from autodiff_pipeline.configuration.data import Data
from autodiff_pipeline.configuration.experiment import Experiment
from autodiff_pipeline.costs.cost import Cost, Part, number, times
from autodiff_pipeline.training.blocks import count_blocks

JOB_SECONDS, JOB_BYTES = 120.0, 2.0**30  # a training job is cut so that it stays below both
SECONDS_TOGETHER = 20.0  # of hidden sizes in one job: a process with torch takes two to start

# Fitted to the processor time and the largest resident size of training jobs, each alone on a core
# of 2 GHz, with 1 to 1,000 hidden units, 10 to 100,000 networks, 100 to 5,000,000 samples and 5 to
# 3,000 epochs, so as to err upwards. `/usr/bin/time -v` shows both for a run of one job.
_START = Cost(3.0, 260 * 2.0**20)  # of a process with torch
_WORKING_BYTES = 500 * 2.0**20  # of sharpness and of a pass over the data, both taken in parts
_SHARPNESS = 30  # epochs that cost as much as measuring the sharpness once
_OF_NETWORK = Cost(1e-3, 0.0)  # drawn, written, read into the tables
_OF_LOGGED_EPOCH = Cost(2e-6, 120.0)
_OF_UNIT = Cost(20e-6, 0.0)  # in the tables
_OF_SAMPLE = Cost(0.5e-6, 280.0)  # of a data set read by a job
_MOMENTS = {"by_hand": Cost(0.17e-6, 640.0), "automatic": Cost(0.45e-6, 1000.0)}  # a unit, an epoch
# a unit and sample, an epoch
_DENSE = {"by_hand": Cost(12e-9, 40.0), "automatic": Cost(22e-9, 40.0)}


def networks_per_job(
    experiment: Experiment, optimizer: str, hidden_size: int, rows: int = 0
) -> int:
    """How many networks a job trains: as configured, or as time and memory allow.

    A data set is in memory as a whole: if one alone exceeds the limit, so does its job.

    Args: rows, of a file that the experiment names as its data.
    """
    data, training = experiment.data, experiment.training
    if training.seeds_per_job:
        return training.seeds_per_job
    is_dense = _engine(experiment) == "dense"
    working = _WORKING_BYTES if optimizer == "gradient_descent" or is_dense else 0.0
    room = Cost(JOB_SECONDS - _START.seconds, JOB_BYTES - _START.bytes - working)
    samples = samples_of(experiment, rows)
    network = _of_network(experiment, samples, optimizer, hidden_size)
    data_set = times(_OF_SAMPLE, samples)
    data_sets = min(
        have / (once + training.seeds * each)
        for have, once, each in zip(room, data_set, network, strict=True)
    )
    if data_sets >= 1:
        return min(data.seeds, int(data_sets)) * training.seeds
    networks = min(
        max(have - once, have / 4) / each
        for have, once, each in zip(room, data_set, network, strict=True)
    )
    return max(1, min(training.seeds, int(networks)))


def training_seconds(
    experiment: Experiment,
    optimizer: str,
    hidden_sizes: Sequence[int],
    networks: int,
    rows: int = 0,
) -> float:
    """How long a job takes that trains so many networks of each hidden size.

    Args: rows, of a file that the experiment names as its data.
    """
    samples = samples_of(experiment, rows)
    each = [_of_network(experiment, samples, optimizer, size).seconds for size in hidden_sizes]
    return _START.seconds + networks * sum(each)


def trained_together(experiment: Experiment, rows: int = 0) -> list[int]:
    """The smallest hidden sizes, in order, which one job of each optimizer trains in seconds.

    Args: rows, of a file that the experiment names as its data.
    """
    data, training = experiment.data, experiment.training
    optimizers, networks = training.optimizers.selected(), data.seeds * training.seeds
    sizes = sorted(training.hidden_sizes)
    together = [
        size
        for index, size in enumerate(sizes)
        if all(
            networks <= networks_per_job(experiment, optimizer, size, rows)
            and training_seconds(experiment, optimizer, sizes[: index + 1], networks, rows)
            < _START.seconds + SECONDS_TOGETHER
            for optimizer in optimizers
        )
    ]
    return together if len(together) > 1 else []


def samples_of(experiment: Experiment, rows: int) -> int:
    """Points of a data set: as configured, or all rows of a file, which is a little too many."""
    return experiment.data.samples if isinstance(experiment.data, Data) else rows


def training_part(experiment: Experiment, samples: int, groups: list[tuple[str, int, int]]) -> Part:
    """All networks.

    Args: groups, optimizer, hidden size and the networks of a job.
    """
    data, training = experiment.data, experiment.training
    networks = float(data.seeds * training.seeds)
    seconds, largest = 0.0, 0.0
    for optimizer, hidden_size, per_job in groups:
        network = _of_network(experiment, samples, optimizer, hidden_size)
        at_once = min(networks, per_job)
        data_sets = max(1.0, at_once / training.seeds)
        seconds += networks * network.seconds + data.seeds * samples * _OF_SAMPLE.seconds
        job = at_once * network.bytes + data_sets * samples * _OF_SAMPLE.bytes
        largest = max(largest, job)
    jobs = sum(count_blocks(data.seeds, training.seeds, per_job) for *_, per_job in groups)
    what = (
        f"training (data.seeds {number(data.seeds)}, {named_samples(experiment, samples)}, "
        f"training.seeds {number(training.seeds)}, training.epochs {number(training.epochs)}, "
        f"{len(training.hidden_sizes)} training.hidden_sizes up to "
        f"{number(max(training.hidden_sizes))}, {len(training.optimizers.selected())} optimizers)"
    )
    return Part(what, Cost(seconds + jobs * _START.seconds, _START.bytes + largest))


def named_samples(experiment: Experiment, samples: int) -> str:
    """The key that the number of samples follows from, and the number."""
    key = "data.samples" if isinstance(experiment.data, Data) else "rows of data.file"
    return f"{key} {number(samples)}"


def _engine(experiment: Experiment) -> str:
    training = experiment.training
    is_relu = training.activation == "relu"
    return "moments" if training.engine != "dense" and is_relu else "dense"


def _of_network(experiment: Experiment, samples: int, optimizer: str, hidden_size: int) -> Cost:
    """The cost of training one network, its rows in the tables included."""
    training = experiment.training
    units, epochs = float(hidden_size), float(training.epochs)
    if optimizer == "levenberg_marquardt" and training.optimizers.levenberg_marquardt:
        epochs, parameters = float(training.optimizers.levenberg_marquardt.epochs), 3 * units + 1
        epoch = Cost(20e-6 + 30e-9 * parameters**2 + 30e-12 * parameters**3, 128 * parameters**2)
    elif _engine(experiment) == "moments":
        seconds, held = times(_MOMENTS[training.gradient], units)
        epoch = Cost(0.15e-6 + seconds, held)
    else:
        epoch = times(_DENSE[training.gradient], units * samples)
    logged = 16 * math.log10(epochs) + 2
    measured = _SHARPNESS * logged if optimizer == "gradient_descent" else 0.0
    return Cost(
        _OF_NETWORK.seconds
        + units * _OF_UNIT.seconds
        + logged * _OF_LOGGED_EPOCH.seconds
        + (epochs + measured) * epoch.seconds,
        logged * _OF_LOGGED_EPOCH.bytes + epoch.bytes,
    )
