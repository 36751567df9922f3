"""Runs that could hardly ever end are refused in one sentence."""

from autodiff_pipeline.configuration.experiment import Experiment
from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.costs.cost import Cost, Part, number
from autodiff_pipeline.costs.derivatives import derivatives_part
from autodiff_pipeline.costs.training import (
    named_samples,
    networks_per_job,
    samples_of,
    training_part,
)
from autodiff_pipeline.training.blocks import count_blocks

RUN_SECONDS, RUN_BYTES = 7 * 86400.0, 2.0**36  # beyond either, a run has to be confirmed
PLAN_SECONDS = 3600.0  # of Snakemake's own work; beyond, a run has to be confirmed too
LARGEST_PLAN = 10**6  # jobs or data sets; a larger run is refused even if confirmed


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
    this_run = f"this run would train {number(networks)} networks in {number(jobs)} jobs"
    samples = samples_of(experiment, rows)
    parts = [training_part(experiment, samples, groups), *_other_parts(experiment, samples)]
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
            f"{this_run} on {number(data.seeds)} data sets (data.seeds), and Snakemake plan them "
            f"for about {_duration(planning)}; {advice}"
        )
    return experiment


def _other_parts(experiment: Experiment, samples: int) -> list[Part]:
    data, minimization = experiment.data, experiment.minimization
    named, units = named_samples(experiment, samples), float(minimization.hidden_size)
    values = [min(float(size) * samples, 2.0**22) for size in experiment.training.hidden_sizes]
    of_each_size = float(data.seeds * experiment.training.seeds) * len(
        experiment.training.optimizers.selected()
    )
    return [
        Part(
            f"data sets (data.seeds {number(data.seeds)}, {named})",
            Cost(data.seeds * samples * 2.5e-6, samples * 100.0),
        ),
        Part(
            f"minimization (minimization.epochs {number(minimization.epochs)}, "
            f"minimization.hidden_size {number(minimization.hidden_size)}, "
            f"{named})",
            Cost(minimization.epochs * (1e-3 + 80e-9 * units * samples), 40 * units * samples),
        ),
        Part(
            f"the kinks of networks (data.seeds {number(data.seeds)}, "
            f"training.seeds {number(experiment.training.seeds)}, {named})",
            Cost(of_each_size * sum(values) * 40e-9, 64 * max(values)),
        ),
        derivatives_part(experiment),
    ]


def _duration(seconds: float) -> str:
    for unit, length in (("years", 365.25 * 86400), ("days", 86400.0), ("hours", 3600.0)):
        if seconds >= 2 * length:
            return f"{_rounded(seconds / length)} {unit}"
    return f"{_rounded(seconds / 60)} minutes"


def _rounded(number: float) -> str:
    two_digits = float(f"{number:.2g}")
    return f"{two_digits:,.0f}" if 10 <= number < 1e6 else f"{two_digits:g}"
