"""How far every network is from the truth.

Every point is a trained network; a bar is the median of its group. The lines are the excess risks
of a straight line and of a quadratic, both fitted in closed form, and the variance of the noise.

The excess risk is the mean of (f(x) - true model)² over the distribution of x, by numerical
integration, not over the sample: it is what the network gets wrong about the truth, without the
noise. Networks that diverged are counted in the legend and have no point.

Bars compare groups; the height of a cloud shows how much is luck. Where the clouds of an optimizer
stop sinking, more units no longer help; the quadratic, which knows the form of the truth, shows how
far there was to go.
"""

from typing import Any

from matplotlib.figure import Figure
from pandas import DataFrame, Series

from autodiff_pipeline.figures.theme import (
    BLACK,
    FLOOR,
    OPTIMIZER_COLOURS,
    entitle,
    legend_below,
    panels,
    readable,
    styled,
)

GROUP_WIDTH = 0.8  # of the distance between two hidden sizes
GOLDEN_RATIO = 0.6180339887498949  # its multiples modulo 1 spread points evenly, without chance
BASELINES: dict[str, tuple[dict[str, Any], str]] = {  # of the table: its line, and what it is
    "straight_line": ({"color": BLACK, "lw": 0.9, "ls": (0, (6, 2))}, "straight line fitted"),
    "quadratic": ({"color": BLACK, "lw": 0.9, "ls": (0, (3, 1.5))}, "quadratic fitted"),
}


@styled
def draw(networks: DataFrame, baselines: DataFrame, *, noise_scale: float) -> Figure:
    """Every trained network a point, the median of each group a bar, closed-form fits as lines.

    Args: networks and baselines, the tables; noise_scale, in the units of y. Diverged networks
    are counted in the legend.
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
    axes.scatter(position, trained["excess_risk"], s=7, c=colours, alpha=0.5, linewidth=0)
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
    axes.axhline(noise_scale**2, **FLOOR, label="noise variance")
    for baseline, (line, label) in BASELINES.items():
        for median in baselines.loc[baselines["baseline"] == baseline, "median"]:
            axes.axhline(median, **line, label=label)
    axes.set_xticks(range(len(hidden_sizes)), hidden_sizes)
    axes.set(
        yscale="log",
        xlabel="hidden units H",
        ylabel="excess risk  E[(f(x) − true model)²]",
    )
    entitle(figure, f"Distance from the truth of {len(trained):,} trained networks")
    legend_below(figure)
    return figure


def _spread(networks: DataFrame) -> Series:
    """Places side by side for the points of each group: between -0.35 and 0.35 of its width."""
    position = networks.groupby(["hidden_size", "optimizer"]).cumcount()
    return 0.7 * ((position * GOLDEN_RATIO) % 1 - 0.5)
