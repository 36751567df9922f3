"""The fitted curves against the true model and the data: one panel a hidden size."""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.look import (
    OPTIMIZER_COLOURS,
    TRUTH,
    grid_of_panels,
    readable,
    styled,
)


@styled
def draw(fits: DataFrame, samples: DataFrame) -> Figure:
    """Median fit and 90 % band over seeds, the true model, and one data set behind them.

    Args: fits, the table; samples with columns x and y.
    """
    hidden_sizes = sorted(fits["hidden_size"].unique())
    figure, every_axes = grid_of_panels(len(hidden_sizes), xlabel="x", ylabel="y")
    reach = fits["x"].min(), fits["x"].max()
    low, high = samples["y"].min(), samples["y"].max()
    margin = 0.1 * (high - low)
    for hidden_size, axes in zip(hidden_sizes, every_axes, strict=True):
        panel = fits[fits["hidden_size"] == hidden_size]
        axes.scatter(
            samples["x"],
            samples["y"],
            s=3,
            color="0.75",
            linewidth=0,
            label="data seed 0",
            rasterized=True,
        )
        for optimizer, frame in panel.groupby("optimizer", sort=False):
            colour = OPTIMIZER_COLOURS[optimizer]
            axes.plot(
                frame["x"], frame["median"], color=colour, linewidth=1.4, label=readable(optimizer)
            )
            axes.fill_between(
                frame["x"], frame["q05"], frame["q95"], color=colour, alpha=0.2, linewidth=0
            )
        axes.plot(
            panel["x"].unique(),
            panel["y_true"].iloc[: panel["x"].nunique()],
            **TRUTH,
            label="true model",
        )
        axes.set(title=f"{hidden_size} hidden", xlim=reach, ylim=(low - margin, high + margin))
    figure.legend(*every_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=5)
    figure.suptitle("Estimated and true model: median fit and 90 % band over seeds")
    return figure
