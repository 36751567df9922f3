"""Why the learning rate cannot be larger.

The largest curvature of the loss (the largest eigenvalue of its Hessian) by epoch of plain gradient
descent, with one line per number of hidden units: on the left that of the median network, on the
right that of the sharpest. The dashed line is 2 / learning rate.

The Hessian is never formed: the eigenvalue comes from products with it. Networks that diverged are
drawn separately, as broken lines.

Above the bound a step along the steepest direction overshoots by more than it corrects.[ Sharpness
grows during training until it meets the bound and stays there, at the edge of stability: a larger
learning rate would lower the ceiling.| Where lines stay far below it, the learning rate can be
larger, and training would be faster by as much; where they meet it and stay there, it cannot.]
"""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from pandas import DataFrame

from autodiff_pipeline.figures.labelled_lines import label_ends
from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import TRUTH, hidden_size_colours, styled

DASHES: dict[str, Any] = {"diverged": (0, (2, 1.5)), "trained": "-"}
PANELS = {"median": "the network in the middle", "largest": "the sharpest network"}


@styled
def draw(sharpness: DataFrame, *, learning_rate: float) -> Figure:
    """Median and largest sharpness by epoch, one line per hidden size, with 2 / learning_rate.

    Args: sharpness, the table. Networks that diverged are drawn separately: one below the bound was
    predicted to be stable.
    """
    height = max(3.2, 0.16 * sharpness["hidden_size"].nunique())  # room for the labels
    figure, [every_axes] = panels(1, 2, height=height, sharex=True, sharey=True)
    for axes, (column, title) in zip(every_axes, PANELS.items(), strict=True):
        _draw_panel(axes, sharpness, column)
        axes.axhline(2 / learning_rate, **TRUTH, label="2 / learning rate: unstable above")
        axes.set(xlabel="epoch + 1", xscale="log", yscale="log", title=title)
    every_axes[0].set_ylabel("sharpness: largest curvature")
    entitle(figure, "Sharpness along plain gradient descent, by hidden units H")
    legend_below(figure)
    label_ends({axes: _lines_by_size(axes) for axes in every_axes})
    return figure


def _draw_panel(axes: Axes, sharpness: DataFrame, column: str) -> None:
    for hidden_size, colour in hidden_size_colours(sharpness["hidden_size"].unique()).items():
        of_size = sharpness[sharpness["hidden_size"] == hidden_size]
        for status in DASHES:
            frame = of_size[of_size["status"] == status]
            if len(frame):
                [line] = axes.plot(
                    frame["epoch"] + 1, frame[column], color=colour, linestyle=DASHES[status]
                )
                line.set_gid(f"H = {hidden_size}")
    for status in sharpness["status"].unique():
        axes.plot(
            [], [], color="0.3", linestyle=DASHES[str(status)], label=f"networks that {status}"
        )


def _lines_by_size(axes: Axes) -> dict[str, Line2D]:
    """The last line drawn of each hidden size: of networks that trained, if there are any."""
    return {str(line.get_gid()): line for line in axes.get_lines() if line.get_gid()}
