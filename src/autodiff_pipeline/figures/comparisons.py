"""Which hidden size and optimizer beats which: a heat map of probabilities."""

from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from pandas import DataFrame

from autodiff_pipeline.figures.look import readable, styled

SMALLEST, LARGEST = 4.2, 14.0  # inches, of the side of the map
CELL = 0.22  # inches


@styled
def draw(comparisons: DataFrame) -> Figure:
    """A cell is the probability that the group of its row beats that of its column.

    Args: comparisons, the table. A dot marks the cells whose 95 % interval lies on one side of 1/2;
    groups stand by optimizer, then by hidden size.
    """
    groups = _groups(comparisons)
    probability, decided = _matrices(comparisons, groups)
    side = min(max(SMALLEST, CELL * len(groups) + 1.5), LARGEST)
    figure = Figure(figsize=(side + 1.2, side + 0.4), layout="constrained")
    axes = figure.subplots()
    image = axes.pcolormesh(
        numpy.ma.masked_invalid(probability), cmap="PuOr", vmin=0, vmax=1, rasterized=True
    )
    rows, columns = numpy.nonzero(decided)
    size = min(4.0, 300 / max(len(groups), 1) ** 1.5)
    axes.scatter(columns + 0.5, rows + 0.5, s=size, color="black", linewidth=0, rasterized=True)
    axes.set(xlim=(0, max(len(groups), 1)), ylim=(max(len(groups), 1), 0), aspect="equal")
    _label(axes, groups)
    figure.colorbar(image, ax=axes, label="probability that row beats column", shrink=0.8)
    axes.set_title("Which networks are nearer to the truth\n(•: the 95 % interval excludes ½)")
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
    probability = numpy.full((len(groups), len(groups)), numpy.nan)
    decided = numpy.zeros((len(groups), len(groups)), dtype=bool)
    ones, others = (
        [groups.index((optimizer, int(size))) for optimizer, size in comparisons[pair].to_numpy()]
        for pair in (["optimizer", "hidden_size"], ["other_optimizer", "other_hidden_size"])
    )
    probability[ones, others] = comparisons["probability"]
    probability[others, ones] = 1 - comparisons["probability"]
    decided[ones, others] = (comparisons["ci_low"] > 0.5) | (comparisons["ci_high"] < 0.5)
    return probability, decided | decided.T


def _label(axes: Axes, groups: list[tuple[str, int]]) -> None:
    """Hidden sizes at every row and column, optimizers once beside their block."""
    centres = numpy.arange(len(groups)) + 0.5
    sizes = [str(size) for _, size in groups]
    axes.set_xticks(centres, sizes, rotation=90)
    axes.set_yticks(centres, sizes)
    axes.tick_params(length=0, labelsize=7)
    optimizers = [optimizer for optimizer, _ in groups]
    for optimizer in dict.fromkeys(optimizers):
        first, count = optimizers.index(optimizer), optimizers.count(optimizer)
        middle, end = first + count / 2, first + count
        name = readable(optimizer).replace(" ", "\n")
        style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 8}
        across, down = axes.get_xaxis_transform(), axes.get_yaxis_transform()
        axes.text(middle, -0.11, name, transform=across, **style)
        axes.text(-0.11, middle, name, transform=down, rotation=90, **style)
        if end < len(groups):
            axes.axhline(end, color="white", lw=2)
            axes.axvline(end, color="white", lw=2)
    axes.set_xlabel("hidden units of the column", labelpad=28)
    axes.set_ylabel("hidden units of the row", labelpad=28)
    for spine in axes.spines.values():
        spine.set_visible(False)
