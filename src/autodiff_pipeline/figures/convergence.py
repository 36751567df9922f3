"""The training loss by epoch: one panel a hidden size, one line an optimizer."""

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
def draw(convergence: DataFrame, *, noise_scale: float) -> Figure:
    """Median loss and quartile band over all networks, with the noise floor.

    Args: convergence, the table; noise_scale, in the units of y.
    """
    hidden_sizes = sorted(convergence["hidden_size"].unique())
    figure, every_axes = grid_of_panels(
        len(hidden_sizes), xlabel="epoch + 1", ylabel="mean squared error"
    )
    for hidden_size, axes in zip(hidden_sizes, every_axes, strict=True):
        panel = convergence[convergence["hidden_size"] == hidden_size]
        for optimizer, frame in panel.groupby("optimizer", sort=False):
            colour = OPTIMIZER_COLOURS[optimizer]
            epochs = frame["epoch"] + 1
            axes.plot(
                epochs, frame["median"], color=colour, linewidth=1.4, label=readable(optimizer)
            )
            axes.fill_between(
                epochs, frame["q25"], frame["q75"], color=colour, alpha=0.2, linewidth=0
            )
        axes.axhline(noise_scale**2, **TRUTH, label="noise floor")
        axes.set(xscale="log", yscale="log", title=f"{hidden_size} hidden")
    figure.legend(*every_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    networks = convergence["networks"].max()
    figure.suptitle(f"Convergence: median and quartiles over up to {networks} networks")
    return figure
