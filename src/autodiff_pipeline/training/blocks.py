"""How a sweep over seeds is cut into jobs. Imports no torch: the workflow is planned with it."""

from typing import NamedTuple


class Block(NamedTuple):
    """The networks of one job: every pair of these seeds, each seed from first to stop - 1."""

    data_seeds: tuple[int, int]
    init_seeds: tuple[int, int]


def blocks(data_seeds: int, init_seeds: int, seeds_per_job: int) -> list[Block]:
    """All pairs of seeds in blocks of at most ``seeds_per_job``, ordered by data, then init seed.

    A block holds either several data seeds with all their initial seeds, or some of the initial
    seeds of one data seed.
    """
    data_step, init_step = _steps(init_seeds, seeds_per_job)
    return [
        Block((data, min(data + data_step, data_seeds)), (init, min(init + init_step, init_seeds)))
        for data in range(0, data_seeds, data_step)
        for init in range(0, init_seeds, init_step)
    ]


def count_blocks(data_seeds: int, init_seeds: int, seeds_per_job: int) -> int:
    """How many blocks `blocks` would return, without making them."""
    data_step, init_step = _steps(init_seeds, seeds_per_job)
    return -(-data_seeds // data_step) * -(-init_seeds // init_step)


def _steps(init_seeds: int, seeds_per_job: int) -> tuple[int, int]:
    return max(1, seeds_per_job // init_seeds), min(init_seeds, seeds_per_job)
