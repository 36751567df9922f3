"""The measurements.

The rows of the file, split at random into a part to train on (blue) and a part that is held out
(orange): the first of the splits, one for each data seed.

Every split has its own stream of random numbers, so that adding one changes none of the others.
Networks see both columns in standard units, with mean 0 and standard deviation 1; here they are in
the units of the file.

What is held out is to lie among what is trained on. Where there are few rows, no network can know
the curve, and the loss there rests on a few points.
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.data.units import Unit, restored
from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import BLUE, ORANGE, name_axes, styled


@styled
def draw(training: DataFrame, held_out: DataFrame, *, units: dict[str, Unit]) -> Figure:
    """The points of one split.

    Args: training and held_out with columns x and y, in standard units; units of x and y.
    """
    figure, [[axes]] = panels(1, 1, width=5.6, height=3.2)
    for part, colour, marker, label in (
        (training, BLUE, "o", "to train on"),
        (held_out, ORANGE, "D", "held out"),
    ):
        axes.scatter(
            restored(part["x"], units["x"]),
            restored(part["y"], units["y"]),
            s=9,
            color=colour,
            marker=marker,
            alpha=0.6,
            linewidth=0,
            label=f"{len(part):,} rows {label}",
        )
    axes.set(**name_axes(units))
    entitle(figure, f"One split of {len(training) + len(held_out):,} measurements")
    legend_below(figure, markerscale=2)
    return figure
