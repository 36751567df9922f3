"""Automatic and by-hand gradient, step by step.

Above, the loss by epoch with both gradients, of a polynomial and of a ReLU network. Below, how far
the two runs are apart in their loss and in the parameter that differs most.

Both runs are one loop, started from the same point, with one of two gradients. For the polynomial
the closed-form least-squares solution is known too[; dotted is the variance of the noise, below
which a loss says nothing about the truth|, and losses are in units of the variance of y].

The distance below is that of rounding, and gaps are epochs at which the runs agree to the last bit.
[The polynomial reaches the closed-form solution; the network is still on its way when its epochs
are spent.|The polynomial has arrived where its loss meets the closed form.]
"""

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.theme import (
    BLUE,
    FLOOR,
    ORANGE,
    VERMILION,
    entitle,
    legend_below,
    loss_label,
    panels,
    styled,
)


@styled
def draw(minimization: DataFrame, trace: DataFrame, *, noise_scale: float | None) -> Figure:
    """Loss by epoch with both gradients (above) and how far the two runs are apart (below).

    Args: minimization, the table; trace, whose ``closed_form`` holds the least-squares loss;
    noise_scale, in the units of y, None where it is not known.
    """
    problems = list(minimization["problem"].unique())
    figure, rows = panels(2, len(problems), sharex=True, height=2.2)
    for column, problem in enumerate(problems):
        frame = minimization[minimization["problem"] == problem]
        of_problem = trace[(trace["problem"] == problem) & (trace["quantity"] == "loss")]
        _draw_losses(rows[0][column], frame, noise_scale)
        closed_form = of_problem["closed_form"].iloc[0]
        if not numpy.isnan(closed_form):
            rows[0][column].axhline(
                closed_form, color=VERMILION, linewidth=1, label="least squares, in closed form"
            )
        rows[0][column].set_title(
            {"polynomial": "c0 + c1 x + c2 x²", "network": "ReLU network"}[problem]
        )
        _draw_differences(rows[1][column], frame)
    rows[0][0].set_ylabel(loss_label(noise_scale is None))
    rows[1][0].set_ylabel("|automatic − by hand|")
    entitle(
        figure,
        "Gradient descent with the automatic gradient and with the one by hand",
        "below, how far the two runs are apart; in a gap they are equal to the last bit",
    )
    legend_below(figure)
    return figure


def _draw_losses(axes: Axes, frame: DataFrame, noise_scale: float | None) -> None:
    epochs = frame["epoch"] + 1
    axes.loglog(
        epochs,
        frame["loss_automatic"],
        color=BLUE,
        linewidth=4,
        alpha=0.45,
        label="loss, automatic gradient",
    )
    axes.loglog(
        epochs, frame["loss_by_hand"], color=ORANGE, linewidth=1.4, label="loss, gradient by hand"
    )
    if noise_scale is not None:
        axes.axhline(noise_scale**2, **FLOOR, label="noise variance")


def _draw_differences(axes: Axes, frame: DataFrame) -> None:
    epochs = frame["epoch"] + 1
    # A difference of exactly zero has no place on a logarithmic axis: leave a gap there.
    for column, colour, marker, label in (
        ("loss_difference", BLUE, "o", "difference of the losses"),
        ("max_parameter_difference", ORANGE, "D", "largest difference of a parameter"),
    ):
        difference = frame[column].abs().replace(0.0, numpy.nan)
        axes.loglog(
            epochs, difference, color=colour, marker=marker, markersize=2.5, lw=1, label=label
        )
    axes.set(xlabel="epoch + 1")
    if not frame[["loss_difference", "max_parameter_difference"]].any(axis=None):
        axes.text(0.5, 0.5, "no difference", transform=axes.transAxes, ha="center", color="0.35")
