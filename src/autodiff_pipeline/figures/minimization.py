"""Automatic and by-hand gradient, step by step.

Above, the loss by epoch with both gradients, of a polynomial and of a ReLU network. Below, how far
the two runs are apart in their loss and in the parameter that differs most. On the right, the
network again, in two precisions and with a third gradient, by hand from moments of the data: how
far each run is from that of the automatic gradient in the same precision (above), and how many
points of the data the kinks of the network have passed so far (below).

All runs are one loop, started from the same point, with one of the gradients. For the polynomial
the closed-form least-squares solution is known too[; dotted is the variance of the noise, below
which a loss says nothing about the truth|, and losses are in units of the variance of y].

The distance below is that of rounding, and gaps are epochs at which the runs agree to the last bit.
[The polynomial reaches the closed-form solution; the network is still on its way when its epochs
are spent.|The polynomial has arrived where its loss meets the closed form.]
Where a kink passes a point, the gradient jumps; while two runs have every point on the same side of
every kink, rounding is all that parts them. A cross marks the first epoch at which a point lies on
different sides in two runs.
"""

import itertools

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import (
    BLACK,
    BLUE,
    DTYPE_COLOURS,
    FLOOR,
    ORANGE,
    VERMILION,
    loss_label,
    readable,
    styled,
)

DASHES = {"by_hand": "-", "moments": (0, (3, 1))}
APART = "first point on different sides"


@styled
def draw(minimization: DataFrame, trace: DataFrame, *, noise_scale: float | None) -> Figure:
    """Loss by epoch with both gradients (above) and how far the two runs are apart (below).

    Args: minimization, the table; trace, whose ``closed_form`` holds the least-squares loss;
    noise_scale, in the units of y, None where it is not known.
    """
    problems = list(minimization["problem"].unique())
    figure, rows = panels(2, len(problems) + 1, sharex=True, height=2.2)
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
    _draw_trajectories(rows[0][-1], rows[1][-1], minimization)
    rows[0][0].set_ylabel(loss_label(noise_scale is None))
    rows[1][0].set_ylabel("|automatic − by hand|")
    entitle(
        figure,
        "Gradient descent with the automatic gradient and with the one by hand",
        "below and on the right, how far runs are apart; in a gap they are equal to the last bit",
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


def _draw_trajectories(above: Axes, below: Axes, minimization: DataFrame) -> None:
    """How far the network's runs are from the automatic ones, and points that kinks have passed."""
    frame = minimization[minimization["problem"] == "network"]
    epochs = frame["epoch"] + 1
    for dtype, gradient in itertools.product(("float32", "float64"), DASHES):
        ulp = frame[f"ulp_{gradient}_{dtype}"].replace([0.0, numpy.inf], numpy.nan)
        style = {"color": DTYPE_COLOURS[dtype], "linestyle": DASHES[gradient]}
        above.loglog(epochs, ulp, **style, label=f"{readable(gradient)}, {dtype}")
        apart = frame[f"apart_{gradient}_{dtype}"] > 0
        if apart.any():
            first = apart.to_numpy(bool).argmax()
            above.plot(epochs.iloc[first], ulp.iloc[first], "x", color=BLACK, label=APART)
    for dtype, width in (("float32", 4), ("float64", 1.4)):
        below.plot(
            epochs,
            frame[f"crossings_automatic_{dtype}"].astype(float),
            color=DTYPE_COLOURS[dtype],
            linewidth=width,
            alpha=0.45 if width > 2 else 1,
            label=f"points passed, {dtype}",
        )
    above.set(title="ReLU network, every gradient", ylabel="apart from automatic (ulp)")
    below.set(xlabel="epoch + 1", ylabel="points passed by kinks")
    below.set_xscale("log")
