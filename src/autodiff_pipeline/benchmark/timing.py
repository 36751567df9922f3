"""How long contestants take to train networks."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from autodiff_pipeline.benchmark.clocks import Clock, timed, timed_in_turn
from autodiff_pipeline.benchmark.contestants import check_losses, contestants
from autodiff_pipeline.benchmark.peers import Problem, Start
from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.networks.network import Parameters
from autodiff_pipeline.randomness import generator

CHECKED_STEPS, MOST_STEPS = 10, 1000
RUN_SECONDS = 0.3  # how long a timed run should take
TOO_LONG = 0.5  # seconds for the checked steps; slower contestants skip larger cases

Row = dict[str, Any]


def benchmark_rows(settings: Mapping[str, Any], threads: int, clock: Clock) -> Iterator[list[Row]]:
    """Time every contestant on every case, and yield the rows of each case as it is done.

    Args: settings, root_seed, data, hidden_size, learning_rate, repeats and ``series``, pairs of an
    activation and its cases from small to large, each {networks, samples}; threads, which is only
    recorded; clock, which returns seconds.
    Yields: rows of engine, activation, networks, hidden_size, samples, threads, microseconds (per
    network and step, the median of ``repeats`` runs), repeats, preparation_seconds.
    """
    for activation, cases in settings["series"]:
        candidates = contestants(activation)
        for case in cases:
            problem = _problem(settings, activation, **case)
            rows, candidates = _time_case(candidates, problem, settings["repeats"], clock)
            shape = {
                "activation": activation,
                "networks": case["networks"],
                "hidden_size": settings["hidden_size"],
                "samples": case["samples"],
                "threads": threads,
            }
            yield [{"engine": row.pop("engine"), **shape, **row} for row in rows]


def row_line(row: Row) -> str:
    """One line that describes a row."""
    return (
        "{activation}, {networks} networks, {samples} samples: {microseconds:.3g} us, {engine}"
    ).format(**row)


def _problem(settings: Mapping[str, Any], activation: str, networks: int, samples: int) -> Problem:
    root_seed = settings["root_seed"]
    data = draw(generator(root_seed, "data", 0), **{**settings["data"], "samples": samples})
    initial = initial_parameters(root_seed, [0], range(networks), settings["hidden_size"])
    first = Parameters(*(value[0] for value in initial))
    return Problem(first, data.x, data.y, activation, settings["learning_rate"])


def _time_case(
    candidates: Mapping[str, Start], problem: Problem, repeats: int, clock: Clock
) -> tuple[list[Row], Mapping[str, Start]]:
    """The rows of one case, and the candidates fast enough for a larger one."""
    preparation, checked, steps, runs = {}, {}, {}, {}
    for name, prepare in candidates.items():
        preparation[name], run = timed(clock, partial(prepare, problem, CHECKED_STEPS))
        checked[name] = timed(clock, run)
        wanted = int(RUN_SECONDS * CHECKED_STEPS / checked[name].seconds)
        steps[name] = min(max(wanted, CHECKED_STEPS), MOST_STEPS)
        runs[name] = prepare(problem, steps[name])
    check_losses({name: run.result for name, run in checked.items()})
    networks = len(problem.initial.c)
    rows = [
        {
            "engine": name,
            "microseconds": 1e6 * run.seconds / steps[name] / networks,
            "repeats": repeats,
            "preparation_seconds": preparation[name],
        }
        for name, run in timed_in_turn(clock, runs, repeats).items()
    ]
    fast = {name: candidates[name] for name in candidates if checked[name].seconds < TOO_LONG}
    return rows, fast
