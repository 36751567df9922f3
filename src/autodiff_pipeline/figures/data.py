"""The noisy samples of one data set and the true model behind them."""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.theme import (
    BLUE,
    TRUTH,
    entitle,
    legend_below,
    panels,
    shortened,
    styled,
)


@styled
def draw(samples: DataFrame, *, true_model: str, noise_scale: float) -> Figure:
    """Points (x, y) of a data set, its true model, and the band two noise standard deviations wide.

    Args: samples with columns x, y, y_true; noise_scale in the units of y.
    """
    figure, [[axes]] = panels(1, 1, width=5.6, height=3.2)
    ordered = samples.sort_values("x")
    axes.scatter(
        samples["x"], samples["y"], s=6, color=BLUE, alpha=0.4, linewidth=0, label="samples"
    )
    axes.fill_between(
        ordered["x"],
        ordered["y_true"] - 2 * noise_scale,
        ordered["y_true"] + 2 * noise_scale,
        color=BLUE,
        alpha=0.12,
        linewidth=0,
        label="true model ± 2 noise standard deviations",
    )
    axes.plot(ordered["x"], ordered["y_true"], **TRUTH, label=f"true model {shortened(true_model)}")
    axes.set(xlabel="x", ylabel="y")
    entitle(figure, f"One data set: {len(samples):,} noisy samples")
    legend_below(figure, markerscale=2)
    return figure
