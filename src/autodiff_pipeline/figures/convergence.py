"""The training loss by epoch: one panel a hidden size, one line an optimizer."""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.look import TRUTH, draw_band, grid_of_panels, hidden_units, styled


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
        panel = panel.assign(**{"epoch + 1": panel["epoch"] + 1})  # epoch 0 on a logarithmic axis
        for optimizer, frame in panel.groupby("optimizer", sort=False):
            draw_band(axes, frame, "epoch + 1", "q25", "q75", optimizer)
        axes.axhline(noise_scale**2, **TRUTH, label="noise floor")
        axes.set(xscale="log", yscale="log", title=hidden_units(hidden_size))
    figure.legend(*every_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    networks = convergence["networks"].max()
    figure.suptitle(f"Convergence: median and quartiles of the loss over {networks} networks")
    return figure
