"""How well every network predicts rows that it has not seen.

Every point is a trained network; a bar is the median of its group. The lines across are the losses
of a straight line and of a quadratic, both fitted in closed form to the same rows.

A network is trained on four fifths of the file, chosen at random for each data seed, and its loss
is the mean squared error on the rest, in units of the variance of y: predicting the mean of y has a
loss of about 1. Networks that diverged are counted in the legend and have no point.

The loss contains the noise of y, below which no model can go, so clouds that stop sinking have
found either the limit of the data or that of training. A cloud above the straight line has learned
less than a line says.
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.clouds import draw_clouds
from autodiff_pipeline.figures.theme import styled


@styled
def draw(networks: DataFrame, baselines: DataFrame) -> Figure:
    """Every trained network a point, the median of each group a bar, closed-form fits as lines.

    Args: networks and baselines, the tables. Diverged networks are counted in the legend.
    """
    return draw_clouds(
        networks,
        "held_out_loss",
        dict(zip(baselines["baseline"], baselines["median"], strict=True)),
        ylabel="held-out loss (variance of y = 1)",
        title="Loss of {count} trained networks on rows that were held out",
    )
