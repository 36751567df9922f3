"""How fast each optimizer learns.

The median of the training loss by epoch, and the band between its quartiles, over all networks: one
panel per number of hidden units, one line per optimizer. The lines across are the losses of a
straight line and of a quadratic, fitted in closed form to the same data[, and the variance of the
noise|].

Every network is trained on the whole data set at once by an iteration that carries no hidden state.
Losses are kept at epochs evenly spaced on a logarithmic scale; the loss of a network that diverged
counts as infinite. Epoch 0, before the first step, is drawn at 1 of the logarithmic axis.[| Losses
are in units of the variance of y: predicting its mean has a loss of about 1.]

Where lines of a panel end above [the noise|the quadratic], the epochs were too few or the network
too small.[ More units do not help plain gradient descent, whose learning rate is limited by the
steepest direction.| A loss of training below that of the quadratic is worth something only if the
held-out loss is lower, too.]
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.labelled_lines import draw_band, draw_levels
from autodiff_pipeline.figures.layout import entitle, grid_of_panels, legend_below, rows_of_panels
from autodiff_pipeline.figures.theme import hidden_units, loss_label, styled


@styled
def draw(convergence: DataFrame, baselines: DataFrame) -> Figure:
    """Median loss and quartile band over all networks, with the losses of closed-form fits.

    Args: convergence and baselines, the tables.
    """
    hidden_sizes = sorted(convergence["hidden_size"].unique())
    figure, every_axes = grid_of_panels(
        len(hidden_sizes),
        xlabel="epoch + 1",
        ylabel=loss_label(baselines["measure"].iloc[0] == "held_out_loss"),
    )
    for hidden_size, axes in zip(hidden_sizes, every_axes, strict=True):
        panel = convergence[convergence["hidden_size"] == hidden_size]
        panel = panel.assign(**{"epoch + 1": panel["epoch"] + 1})  # epoch 0 on a logarithmic axis
        for optimizer, frame in panel.groupby("optimizer", sort=False):
            draw_band(axes, frame, "epoch + 1", "q25", "q75", str(optimizer))
        axes.set(xscale="log", yscale="log", title=hidden_units(hidden_size))
    networks = convergence["networks"].max()
    entitle(figure, f"Median and quartiles of the loss, over {networks} networks each")
    legend_below(figure)
    levels = dict(zip(baselines["baseline"], baselines["train_loss"], strict=True))
    draw_levels(rows_of_panels(every_axes), levels)
    return figure
