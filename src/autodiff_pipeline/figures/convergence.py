"""The training loss by epoch: one panel a hidden size, one line an optimizer."""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.theme import (
    FLOOR,
    draw_band,
    entitle,
    grid_of_panels,
    hidden_units,
    legend_below,
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
        panel = panel.assign(**{"epoch + 1": panel["epoch"] + 1})  # epoch 0 on a logarithmic axis
        for optimizer, frame in panel.groupby("optimizer", sort=False):
            draw_band(axes, frame, "epoch + 1", "q25", "q75", str(optimizer))
        axes.axhline(noise_scale**2, **FLOOR, label="noise variance")
        axes.set(xscale="log", yscale="log", title=hidden_units(hidden_size))
    networks = convergence["networks"].max()
    entitle(figure, f"Convergence: median and quartiles of the loss of {networks} networks each")
    legend_below(figure)
    return figure
