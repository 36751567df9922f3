"""How fast each optimizer learns.

The median of the training loss by epoch, and the band between its quartiles, over all networks: one
panel per number of hidden units, one line per optimizer. The dotted line is the variance of the
noise.

Every network is trained on the whole data set at once by an iteration that carries no hidden state.
Losses are kept at epochs evenly spaced on a logarithmic scale; the loss of a network that diverged
counts as infinite.

Where lines of a panel end above the dotted one, the epochs were too few or the network too small.
More units do not help plain gradient descent, whose learning rate is limited by the steepest
direction.
"""

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
