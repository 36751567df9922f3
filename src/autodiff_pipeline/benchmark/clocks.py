"""Timing calls in turn, so that whatever slows the machine slows all of them."""

from collections.abc import Callable, Mapping
from statistics import median
from typing import Generic, NamedTuple, TypeVar

Clock = Callable[[], float]  # seconds
Result = TypeVar("Result")


class Timed(NamedTuple, Generic[Result]):
    """How long a call took, and what it returned."""

    seconds: float
    result: Result


def timed(clock: Clock, call: Callable[[], Result]) -> Timed[Result]:
    """Time one call."""
    begin = clock()
    result = call()
    return Timed(clock() - begin, result)


def timed_in_turn(
    clock: Clock, calls: Mapping[str, Callable[[], Result]], repeats: int
) -> dict[str, Timed[Result]]:
    """The median time of each call and what it returned last, by name, in ``repeats`` rounds."""
    rounds = [{name: timed(clock, call) for name, call in calls.items()} for _ in range(repeats)]
    return {
        name: Timed(median(each[name].seconds for each in rounds), rounds[-1][name].result)
        for name in calls
    }
