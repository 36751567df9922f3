"""How far every network is from the truth, by hidden size and optimizer."""

import seaborn
from matplotlib.figure import Figure
from pandas import DataFrame, Series

from autodiff_pipeline.figures.look import OPTIMIZER_COLOURS, panels, readable, styled

GROUP_WIDTH = 0.8  # of the distance between two hidden sizes
GOLDEN_RATIO = 0.6180339887498949  # its multiples modulo 1 spread points evenly, without chance


@styled
def draw(networks: DataFrame, *, noise_scale: float) -> Figure:
    """Every trained network a point, the median of each group a bar.

    Args: networks, the table; noise_scale, in the units of y. Diverged networks are counted in
    the legend.
    """
    figure, [[axes]] = panels(1, 1, height=3.8)
    figure.set_figwidth(7.2)
    optimizers = list(networks["optimizer"].unique())
    hidden_sizes = sorted(networks["hidden_size"].unique())
    trained = networks[networks["status"] == "trained"]
    width = GROUP_WIDTH / len(optimizers)
    group = trained["hidden_size"].map(hidden_sizes.index).astype(float)
    member = trained["optimizer"].map(optimizers.index).astype(float)
    centre = group + (member + 0.5) * width - GROUP_WIDTH / 2
    seaborn.scatterplot(
        trained.assign(position=centre + width * _spread(trained)),
        x="position",
        y="excess_risk",
        hue="optimizer",
        palette=OPTIMIZER_COLOURS,
        s=7,
        alpha=0.5,
        linewidth=0,
        legend=False,
        rasterized=True,
        ax=axes,
    )
    medians = trained["excess_risk"].groupby(centre).median()
    axes.hlines(
        medians, medians.index - 0.45 * width, medians.index + 0.45 * width, colors="black", lw=1.8
    )
    diverged = networks[networks["status"] == "diverged"].groupby("optimizer").size()
    for optimizer in optimizers:
        count = diverged.get(optimizer, 0)
        label = readable(optimizer) + (f" ({count} diverged)" if count else "")
        axes.plot([], [], "o", color=OPTIMIZER_COLOURS[optimizer], markersize=4, label=label)
    axes.plot([], [], "_", color="black", markersize=9, markeredgewidth=1.8, label="median")
    axes.axhline(noise_scale**2, color="0.6", lw=0.8, linestyle=":", label="noise variance")
    axes.set_xticks(range(len(hidden_sizes)), hidden_sizes)
    axes.set(
        yscale="log",
        xlabel="hidden units H",
        ylabel="excess risk  E[(f(x) − true model)²]",
        title=f"Distance from the truth of {len(trained)} trained networks",
    )
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure


def _spread(networks: DataFrame) -> Series:
    """Places side by side for the points of each group: between -0.35 and 0.35 of its width."""
    position = networks.groupby(["hidden_size", "optimizer"]).cumcount()
    return 0.7 * ((position * GOLDEN_RATIO) % 1 - 0.5)
