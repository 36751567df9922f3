"""What a part of a run costs."""

from typing import NamedTuple


class Cost(NamedTuple):
    """Processor time and memory."""

    seconds: float
    bytes: float


class Part(NamedTuple):
    """A part of a run: what it is, with the keys it depends on, its time and its largest job."""

    what: str
    cost: Cost


def times(cost: Cost, count: float) -> Cost:
    """So many times a cost."""
    return Cost(cost.seconds * count, cost.bytes * count)


def number(count: int) -> str:
    """A count as people read it, a huge one to three digits."""
    return f"{count:,}" if count < 10**9 else f"{count:.3g}"
