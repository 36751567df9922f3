"""What the networks learned.

The median of the fitted curves and the band that contains 90 % of them, with one panel per number
of hidden units, over the true model (dashed) and the points of one data set.

Quantiles are taken at every x over all data sets and initializations of an optimizer, so that the
band shows both kinds of luck.

One or two units cannot bend often enough. With more, the curves agree where there are data and
differ where there are none: at the edges a network goes on in a straight line.
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.theme import (
    TRUTH,
    draw_band,
    entitle,
    grid_of_panels,
    hidden_units,
    legend_below,
    styled,
)


@styled
def draw(fits: DataFrame, samples: DataFrame) -> Figure:
    """Median fit and 90 % band over seeds, the true model, and one data set behind them.

    Args: fits, the table; samples with columns x and y.
    """
    hidden_sizes = sorted(fits["hidden_size"].unique())
    figure, every_axes = grid_of_panels(len(hidden_sizes), xlabel="x", ylabel="y")
    truth = fits[fits["hidden_size"] == hidden_sizes[0]].drop_duplicates("x")
    low, high = truth["y_true"].min(), truth["y_true"].max()
    margin = 0.2 * (high - low) or 1.0
    for hidden_size, axes in zip(hidden_sizes, every_axes, strict=True):
        panel = fits[fits["hidden_size"] == hidden_size]
        axes.scatter(
            samples["x"],
            samples["y"],
            s=4,
            color="0.7",
            linewidth=0,
            label="samples of one data set",
        )
        for optimizer, frame in panel.groupby("optimizer", sort=False):
            draw_band(axes, frame, "x", "q05", "q95", str(optimizer))
        axes.plot(truth["x"], truth["y_true"], **TRUTH, label="true model")
        axes.set(
            title=hidden_units(hidden_size),
            xlim=(truth["x"].min(), truth["x"].max()),
            ylim=(low - margin, high + margin),
        )
    entitle(figure, "Estimated and true model: median fit, and 90 % band over seeds")
    legend_below(figure)
    return figure
