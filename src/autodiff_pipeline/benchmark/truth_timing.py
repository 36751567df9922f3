"""How long contestants take for true derivatives."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from autodiff_pipeline.benchmark.clocks import Clock, timed, timed_in_turn
from autodiff_pipeline.benchmark.truth_contestants import (
    CONTESTANTS,
    FUNCTIONS,
    Problem,
    check_truths,
)
from autodiff_pipeline.numbers.ranks import DTYPES, doubles, even_points

FEWEST_POINTS = 500
RUN_SECONDS = 0.2  # how long a timed run may take: slow contestants are given fewer points

Row = dict[str, Any]


def truth_rows(settings: Mapping[str, Any], threads: int, clock: Clock) -> Iterator[list[Row]]:
    """Time every contestant on every case, and yield the rows of each case as it is done.

    Args: settings, the intervals of functions by name, orders, dtypes, the number of points equally
    spaced on each interval, and repeats; threads, which is only recorded; clock, which returns
    seconds.
    Yields: rows of contestant, function, order (all orders from 1 to this one are computed), dtype,
    points, threads, microseconds (per point and order, the median of ``repeats`` runs in turn),
    repeats, preparation_seconds (of building models, deriving formulas, finding the precision).
    Raises ArithmeticError where contestants return different truths.
    """
    for function, (start, stop) in settings["intervals"].items():
        for dtype in settings["dtypes"]:
            points = doubles(even_points(start, stop, DTYPES[dtype], settings["points"]))
            for order in settings["orders"]:
                problem = Problem(FUNCTIONS[function], (start, stop), order, dtype, points)
                case = {"function": function, "order": order, "dtype": dtype}
                rows = _time_case(problem, settings["repeats"], clock)
                yield [
                    {"contestant": row.pop("contestant"), **case, "threads": threads, **row}
                    for row in rows
                ]


def row_line(row: Row) -> str:
    """One line that describes a row."""
    return (
        "{function}, {dtype}, order {order}, {points} points: {microseconds:.3g} us, {contestant}"
    ).format(**row)


def _time_case(problem: Problem, repeats: int, clock: Clock) -> list[Row]:
    few = _thinned(problem, FEWEST_POINTS)
    given, preparation, runs = {}, {}, {}
    for name, prepare in CONTESTANTS.items():
        taken = timed(clock, prepare(few)).seconds
        given[name] = _thinned(problem, int(len(few.points) * RUN_SECONDS / taken))
        preparation[name], runs[name] = timed(clock, partial(prepare, given[name]))
    measured = timed_in_turn(clock, runs, repeats)
    check_truths({name: (given[name].points, run.result) for name, run in measured.items()})
    return [
        {
            "contestant": name,
            "points": len(given[name].points),
            "microseconds": 1e6 * run.seconds / len(given[name].points) / problem.order,
            "repeats": repeats,
            "preparation_seconds": preparation[name],
        }
        for name, run in measured.items()
    ]


def _thinned(problem: Problem, wanted: int) -> Problem:
    """The problem at every second, fourth, eighth ... point, so that few more than wanted remain.

    So all contestants share the points of the slowest.
    """
    stride, count = 1, max(wanted, FEWEST_POINTS)
    while len(problem.points) // (2 * stride) >= count:
        stride *= 2
    return problem._replace(points=problem.points[::stride])
