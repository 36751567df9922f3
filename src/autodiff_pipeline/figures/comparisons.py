"""Which networks are [nearer to the truth|better on rows that were held out].

A cell is the probability that a network of its row [is nearer to the truth|has less loss on the
rows held out] than one of its column, by optimizer and hidden units.

Pairs share their data seed and initial seed. The probability is estimated over all of them, with a
95 % interval that takes account of the crossed seeds; a dot marks the pairs whose interval contains
one half, or that have too few seeds for an interval.

Violet rows win. Read a row from left to right: where it turns from violet to brown is what it can
no longer beat. A dotted cell is evidence for neither.
"""

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pandas import DataFrame

from autodiff_pipeline.figures.theme import readable, styled

SMALLEST, LARGEST = 3.2, 12.0  # inches, of the side of the map
CELL = 0.22  # inches


@styled
def draw(comparisons: DataFrame) -> Figure:
    """A cell is the probability that the group of its row beats that of its column.

    Args: comparisons, the table. A dot marks the pairs for which that is uncertain: 1/2 lies in the
    95 % interval, or there is no interval. Groups are ordered by optimizer, then by hidden size.
    """
    groups = _groups(comparisons)
    probability, open_question = _matrices(comparisons, groups)
    count = max(len(groups), 1)  # of one group alone there is nothing to compare
    side = min(max(SMALLEST, CELL * count), LARGEST)
    figure = Figure(figsize=(side + 2.2, side + 1.5), layout="constrained")
    axes = figure.subplots()
    image = axes.pcolormesh(
        numpy.ma.masked_invalid(probability), cmap="PuOr", vmin=0, vmax=1, rasterized=True
    )
    rows, columns = numpy.nonzero(open_question)
    size = (14 * side / count) ** 2 / 4
    axes.scatter(columns + 0.5, rows + 0.5, s=size, color="black", linewidth=0, rasterized=True)
    axes.set(xlim=(0, count), ylim=(count, 0), aspect="equal", facecolor="0.85")
    _label(axes, groups, min(7.0, 40 * side / count))
    axes.set(xlabel="hidden units of the column", ylabel="hidden units of the row")
    figure.colorbar(image, ax=axes, label="probability that the row beats the column", shrink=0.8)
    axes.set_title(
        "Which networks are better\n•: not certain, ½ is in the interval; grey: a group and itself"
    )
    return figure


def _groups(comparisons: DataFrame) -> list[tuple[str, int]]:
    """Optimizers in the table's order, with their hidden sizes from small to large."""
    ones = comparisons[["optimizer", "hidden_size"]].to_numpy().tolist()
    others = comparisons[["other_optimizer", "other_hidden_size"]].to_numpy().tolist()
    groups = {(optimizer, int(size)) for optimizer, size in [*ones, *others]}
    order = list(dict.fromkeys(optimizer for optimizer, _ in [*ones, *others]))
    return sorted(groups, key=lambda group: (order.index(group[0]), group[1]))


def _matrices(
    comparisons: DataFrame, groups: list[tuple[str, int]]
) -> tuple[NDArray[numpy.float64], NDArray[numpy.bool_]]:
    """The probability of row against column, NaN on the diagonal, and where it is uncertain."""
    probability = numpy.full((len(groups), len(groups)), numpy.nan)
    open_question = numpy.zeros((len(groups), len(groups)), dtype=bool)
    ones, others = (
        [groups.index((optimizer, int(size))) for optimizer, size in comparisons[pair].to_numpy()]
        for pair in (["optimizer", "hidden_size"], ["other_optimizer", "other_hidden_size"])
    )
    probability[ones, others] = comparisons["probability"]
    probability[others, ones] = 1 - comparisons["probability"]
    open_question[ones, others] = ~((comparisons["ci_low"] > 0.5) | (comparisons["ci_high"] < 0.5))
    return probability, open_question | open_question.T


def _label(axes: Axes, groups: list[tuple[str, int]], size: float) -> None:
    """Hidden sizes at every row and column, optimizers once beside their block."""
    optimizers = [optimizer for optimizer, _ in groups]
    blocks = list(dict.fromkeys(optimizers))
    ends = numpy.cumsum([optimizers.count(block) for block in blocks])
    middles = ends - [optimizers.count(block) / 2 for block in blocks]
    names = [readable(block) for block in blocks]
    centres, sizes = numpy.arange(len(groups)) + 0.5, [str(size) for _, size in groups]
    for axis in (axes.xaxis, axes.yaxis):
        axis.remove_overlapping_locs = False  # the middle of a block may be that of a cell
        axis.set_ticks(centres, sizes)
        axis.set_tick_params(length=0, labelsize=size)
    axes.set_xticks(middles, names, minor=True)
    axes.set_yticks(middles, names, minor=True, rotation=90, va="center")
    axes.tick_params(which="minor", length=0, pad=20, labelsize=8)
    for end in ends[:-1]:
        axes.axhline(end, color="white", lw=2)
        axes.axvline(end, color="white", lw=2)
    for spine in axes.spines.values():
        spine.set_visible(False)
