"""Clouds of points, one for every hidden size and optimizer, side by side."""

from collections.abc import Mapping

from matplotlib.figure import Figure
from pandas import DataFrame, Series

from autodiff_pipeline.figures.labelled_lines import draw_levels
from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import OPTIMIZER_COLOURS, readable

GROUP_WIDTH = 0.8  # of the distance between two hidden sizes
GOLDEN_RATIO = 0.6180339887498949  # its multiples modulo 1 spread points evenly, without chance


def draw_clouds(
    networks: DataFrame, measure: str, levels: Mapping[str, float], *, ylabel: str, title: str
) -> Figure:
    """Every trained network a point, the median of each group a bar, and labelled lines across.

    Args: networks, the table; measure, the column of it that is drawn; levels, where the lines lie,
    by baseline; title, which may say {count}, the number of points. Diverged networks are counted
    in the legend.
    """
    optimizers = list(networks["optimizer"].unique())
    hidden_sizes = sorted(networks["hidden_size"].unique())
    breadth = max(7.2, 1.5 + 0.12 * len(hidden_sizes) * len(optimizers), 0.4 * len(hidden_sizes))
    figure, [[axes]] = panels(1, 1, width=breadth, height=3.6)
    trained = networks[networks["status"] == "trained"]
    width = GROUP_WIDTH / len(optimizers)
    group = trained["hidden_size"].map(hidden_sizes.index).astype(float)
    member = trained["optimizer"].map(optimizers.index).astype(float)
    centre = group + (member + 0.5) * width - GROUP_WIDTH / 2
    position = centre + width * _spread(trained)
    colours = trained["optimizer"].map(OPTIMIZER_COLOURS)
    axes.scatter(position, trained[measure], s=7, c=colours, alpha=0.5, linewidth=0)
    medians = trained[measure].groupby(centre).median()
    axes.hlines(
        medians, medians.index - 0.45 * width, medians.index + 0.45 * width, colors="black", lw=1.8
    )
    diverged = networks[networks["status"] == "diverged"].groupby("optimizer").size()
    for optimizer in optimizers:
        count = diverged.get(optimizer, 0)
        label = readable(optimizer) + (f" ({count} diverged)" if count else "")
        axes.plot([], [], "o", color=OPTIMIZER_COLOURS[optimizer], markersize=4, label=label)
    axes.plot([], [], "_", color="black", markersize=9, markeredgewidth=1.8, label="median")
    axes.set_xticks(range(len(hidden_sizes)), hidden_sizes)
    axes.set(yscale="log", xlabel="hidden units H", ylabel=ylabel)
    entitle(figure, title.format(count=f"{len(trained):,}"))
    legend_below(figure)
    draw_levels([[axes]], levels)
    return figure


def _spread(networks: DataFrame) -> Series:
    """Places side by side for the points of each group: between -0.35 and 0.35 of its width."""
    position = networks.groupby(["hidden_size", "optimizer"]).cumcount()
    return 0.7 * ((position * GOLDEN_RATIO) % 1 - 0.5)
