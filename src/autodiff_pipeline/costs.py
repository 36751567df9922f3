"""Estimates of what a run costs, before it is planned: networks, jobs, time and memory.

Times are for one core of a current server, right within a factor of about three. Nothing here
imports torch or builds a list whose length is a number in the configuration, so even a run that is
far too large is refused at once.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from autodiff_pipeline.configuration.experiment import Data, Experiment
from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.training.blocks import count_blocks

JOB_SECONDS, JOB_BYTES = 120.0, 2.0**30  # a training job is cut so that it stays below both
SECONDS_TOGETHER = 6.0  # of hidden sizes in one job: a process with torch takes two to start
RUN_SECONDS, RUN_BYTES = 7 * 86400.0, 2.0**36  # beyond either, a run has to be confirmed
PLAN_SECONDS = 3600.0  # of Snakemake's own work; beyond, a run has to be confirmed too
LARGEST_PLAN = 10**6  # jobs or data sets; a larger run is refused even if confirmed


class Cost(NamedTuple):
    """Processor time and memory."""

    seconds: float
    bytes: float


class Part(NamedTuple):
    """A part of a run: what it is, with the keys it depends on, its time and its largest job."""

    what: str
    cost: Cost


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
    samples = _samples(experiment, rows)
    network = _of_network(experiment, samples, optimizer, hidden_size)
    data_set = _times(_OF_SAMPLE, samples)
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
    samples = _samples(experiment, rows)
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


def check_size(experiment: Experiment, rows: int = 0) -> Experiment:
    """The experiment itself.

    Args: rows, of a file that the experiment names as its data.
    Raises ConfigurationError where the run could hardly ever end and is not confirmed.
    """
    data, training = experiment.data, experiment.training
    groups = [
        (optimizer, hidden_size, networks_per_job(experiment, optimizer, hidden_size, rows))
        for optimizer in training.optimizers.selected()
        for hidden_size in training.hidden_sizes
    ]
    jobs = sum(count_blocks(data.seeds, training.seeds, per_job) for *_, per_job in groups)
    networks = data.seeds * training.seeds * len(groups)
    this_run = f"this run would train {_number(networks)} networks in {_number(jobs)} jobs"
    samples = _samples(experiment, rows)
    parts = [_training(experiment, samples, groups), *_other_parts(experiment, samples)]
    seconds = sum(part.cost.seconds for part in parts)
    longest = max(parts, key=lambda part: part.cost.seconds)
    largest = max(parts, key=lambda part: part.cost.bytes)
    planning = 1.5e-3 * jobs + 1.1e-6 * float(data.seeds) ** 2  # Snakemake compares file by file
    in_all = f"{this_run} and take about {_duration(seconds)} of one core, most for {longest.what}"
    if max(jobs, data.seeds) > LARGEST_PLAN:
        raise ConfigurationError(
            f"{in_all}; no more than {LARGEST_PLAN:,} jobs or data sets can be planned: give less"
        )
    advice = "give less, or confirm_size: true"
    if experiment.confirm_size:
        return experiment
    if seconds > RUN_SECONDS:
        raise ConfigurationError(f"{in_all}; {advice}")
    if largest.cost.bytes > RUN_BYTES:
        raise ConfigurationError(
            f"{this_run} and take about {_rounded(largest.cost.bytes / 2**30)} GiB of memory "
            f"for {largest.what}; {advice}"
        )
    if planning > PLAN_SECONDS:
        raise ConfigurationError(
            f"{this_run} on {_number(data.seeds)} data sets (data.seeds), and Snakemake plan them "
            f"for about {_duration(planning)}; {advice}"
        )
    return experiment


def _samples(experiment: Experiment, rows: int) -> int:
    """Points of a data set: as configured, or all rows of a file, which is a little too many."""
    return experiment.data.samples if isinstance(experiment.data, Data) else rows


def _training(experiment: Experiment, samples: int, groups: list[tuple[str, int, int]]) -> Part:
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
        f"training (data.seeds {_number(data.seeds)}, {_named(experiment, samples)}, "
        f"training.seeds {_number(training.seeds)}, training.epochs {_number(training.epochs)}, "
        f"{len(training.hidden_sizes)} training.hidden_sizes up to "
        f"{_number(max(training.hidden_sizes))}, {len(training.optimizers.selected())} optimizers)"
    )
    return Part(what, Cost(seconds + jobs * _START.seconds, _START.bytes + largest))


def _named(experiment: Experiment, samples: int) -> str:
    """The key that the number of samples follows from, and the number."""
    key = "data.samples" if isinstance(experiment.data, Data) else "rows of data.file"
    return f"{key} {_number(samples)}"


def _other_parts(experiment: Experiment, samples: int) -> list[Part]:
    data, derivatives, minimization = (
        experiment.data,
        experiment.derivatives,
        experiment.minimization,
    )
    named, units = _named(experiment, samples), float(minimization.hidden_size)
    values = [min(float(size) * samples, 2.0**22) for size in experiment.training.hidden_sizes]
    of_each_size = float(data.seeds * experiment.training.seeds) * len(
        experiment.training.optimizers.selected()
    )
    points, drawn = float(derivatives.points), float(derivatives.samples)
    return [
        Part(
            f"data sets (data.seeds {_number(data.seeds)}, {named})",
            Cost(data.seeds * samples * 2.5e-6, samples * 100.0),
        ),
        Part(
            f"minimization (minimization.epochs {_number(minimization.epochs)}, "
            f"minimization.hidden_size {_number(minimization.hidden_size)}, "
            f"{named})",
            Cost(minimization.epochs * (1e-3 + 80e-9 * units * samples), 40 * units * samples),
        ),
        Part(
            f"the kinks of networks (data.seeds {_number(data.seeds)}, "
            f"training.seeds {_number(experiment.training.seeds)}, {named})",
            Cost(of_each_size * sum(values) * 40e-9, 64 * max(values)),
        ),
        Part(
            f"derivatives (derivatives.points {_number(derivatives.points)}, "
            f"derivatives.samples {_number(derivatives.samples)}, "
            f"{len(derivatives.functions)} functions)",
            Cost(
                len(derivatives.functions) * (0.3 + 0.6e-3 * points + 5e-6 * drawn),
                6000 * points + 600 * drawn,
            ),
        ),
    ]


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
        seconds, held = _times(_MOMENTS[training.gradient], units)
        epoch = Cost(0.15e-6 + seconds, held)
    else:
        epoch = _times(_DENSE[training.gradient], units * samples)
    logged = 16 * math.log10(epochs) + 2
    measured = _SHARPNESS * logged if optimizer == "gradient_descent" else 0.0
    return Cost(
        _OF_NETWORK.seconds
        + units * _OF_UNIT.seconds
        + logged * _OF_LOGGED_EPOCH.seconds
        + (epochs + measured) * epoch.seconds,
        logged * _OF_LOGGED_EPOCH.bytes + epoch.bytes,
    )


def _times(cost: Cost, count: float) -> Cost:
    return Cost(cost.seconds * count, cost.bytes * count)


def _number(count: int) -> str:
    return f"{count:,}" if count < 10**9 else f"{count:.3g}"


def _duration(seconds: float) -> str:
    for unit, length in (("years", 365.25 * 86400), ("days", 86400.0), ("hours", 3600.0)):
        if seconds >= 2 * length:
            return f"{_rounded(seconds / length)} {unit}"
    return f"{_rounded(seconds / 60)} minutes"


def _rounded(number: float) -> str:
    two_digits = float(f"{number:.2g}")
    return f"{two_digits:,.0f}" if 10 <= number < 1e6 else f"{two_digits:g}"
