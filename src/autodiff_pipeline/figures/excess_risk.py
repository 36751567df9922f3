"""How far every network is from the truth, by hidden size and optimizer."""

from typing import Any

import seaborn
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.look import OPTIMIZER_COLOURS, panels, readable, styled


@styled
def draw(networks: DataFrame, *, noise_scale: float) -> Figure:
    """Every trained network a point, the median of each group a bar.

    Args: networks, the table; noise_scale, in the units of y. Diverged networks are counted in
    the legend.
    """
    figure, [[axes]] = panels(1, 1, height=3.8)
    figure.set_figwidth(7.2)
    trained = networks[networks["status"] == "trained"]
    optimizers = list(networks["optimizer"].unique())
    shared: dict[str, Any] = {
        "data": trained,
        "x": "hidden_size",
        "y": "excess_risk",
        "hue": "optimizer",
        "order": sorted(networks["hidden_size"].unique()),
        "hue_order": optimizers,
        "palette": OPTIMIZER_COLOURS,
        "dodge": True,
        "ax": axes,
    }
    seaborn.stripplot(**shared, size=2.2, alpha=0.45, jitter=0.25, legend=False, rasterized=True)
    seaborn.boxplot(
        **shared,
        showbox=False,
        showcaps=False,
        showfliers=False,
        whiskerprops={"visible": False},
        medianprops={"color": "black", "linewidth": 1.8},
        legend=False,
    )
    diverged = networks[networks["status"] == "diverged"].groupby("optimizer").size()
    for optimizer in optimizers:
        count = diverged.get(optimizer, 0)
        label = readable(optimizer) + (f" ({count} diverged)" if count else "")
        axes.plot([], [], "o", color=OPTIMIZER_COLOURS[optimizer], markersize=4, label=label)
    axes.plot([], [], "_", color="black", markersize=9, markeredgewidth=1.8, label="median")
    axes.axhline(noise_scale**2, color="0.6", linewidth=0.8, linestyle=":", label="noise variance")
    axes.set(
        yscale="log",
        xlabel="hidden units H",
        ylabel="excess risk  E[(f(x) − true model)²]",
        title=f"Distance from the truth of {len(trained)} trained networks",
    )
    figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=5)
    return figure
