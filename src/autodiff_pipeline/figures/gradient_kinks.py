"""Finite differences meet kinks.

Left, the error of a five-point stencil along a random direction, by how far it reaches, a line a
hidden size; dotted, the same from plain differences of losses. In the middle, every network that
was trained: the error just inside and just outside of the nearest kink. Right, the share of
networks on which gradcheck, with its defaults, calls a right gradient wrong.

The nearest kink is predicted without any difference, where the first preactivation crosses zero: at
h* = min |z / dz|. Up to there the loss is a polynomial of degree 4, for which the stencil has no
error. But for the dotted lines, the change of the loss is computed as a change, so that rounding
hides nothing. An error is relative to the mean size of the terms whose mean is the slope.

The error jumps by orders of magnitude exactly where it was predicted, for every network. More units
mean more kinks, and nearer ones; with plain differences, rounding then hides what is left of the
right step. The step of gradcheck, 1e-6, crosses some kink of many large networks: an alarm then
says nothing about the gradient.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, legend_below, panels, say_instead
from autodiff_pipeline.figures.theme import (
    BLUE,
    FLOOR,
    OPTIMIZER_COLOURS,
    OPTIMIZER_DASHES,
    VERMILION,
    hidden_size_colours,
    readable,
    styled,
)

LEAST = 1e-18  # smaller errors, and none at all, are drawn here


@styled
def draw(gradient_kinks: DataFrame, kink_profiles: DataFrame) -> Figure:
    """Error by reach (left), inside and outside of every kink (middle), false alarms (right).

    Args: gradient_kinks, the table; kink_profiles, the errors of a network of each hidden size.
    """
    figure, [[left, middle, right]] = panels(1, 3, width=3.3, height=2.9)
    if gradient_kinks.empty:
        return say_instead(figure, "Every network diverged: there is none to look for kinks in.")
    _draw_profiles(left, kink_profiles)
    _draw_networks(middle, gradient_kinks)
    _draw_alarms(right, gradient_kinks)
    entitle(figure, "What the kinks of a ReLU network do to finite differences")
    legend_below(figure)
    return figure


def _draw_profiles(axes: Axes, profiles: DataFrame) -> None:
    colours = hidden_size_colours(profiles["hidden_size"].unique())
    for hidden_size, colour in colours.items():
        frame = profiles[profiles["hidden_size"] == hidden_size]
        of_changes = frame["error"].clip(lower=LEAST)
        axes.loglog(frame["reach"], of_changes, color=colour, lw=1.1, label=f"H = {hidden_size}")
        axes.loglog(
            frame["reach"],
            frame["error_of_losses"].clip(lower=LEAST),
            color=colour,
            lw=1.0,
            linestyle=(0, (1, 1.2)),
        )
    axes.axvline(1.0, **FLOOR)
    axes.plot([], [], color="0.35", lw=1.0, linestyle=(0, (1, 1.2)), label="losses subtracted")
    axes.set(
        title="one network of each size",
        xlabel="reach of the stencil / h*",
        ylabel="error of the slope",
    )


def _draw_networks(axes: Axes, kinks: DataFrame) -> None:
    for column, colour, label in (
        ("error_outside", VERMILION, "just outside, 1.01 h*"),
        ("error_inside", BLUE, "just inside, 0.99 h*"),
    ):
        axes.scatter(
            kinks["kink_distance"],
            kinks[column].clip(lower=LEAST),
            s=4,
            color=colour,
            alpha=0.4,
            linewidth=0,
        )
        axes.plot([], [], "o", color=colour, markersize=4, label=label)
    axes.set(
        xscale="log",
        yscale="log",
        title=f"{len(kinks):,} trained networks",
        xlabel="distance h* of the nearest kink",
        ylabel="error of the slope",
    )


def _draw_alarms(axes: Axes, kinks: DataFrame) -> None:
    sizes = sorted(kinks["hidden_size"].unique())
    for optimizer in kinks["optimizer"].unique():
        frame = kinks[kinks["optimizer"] == optimizer]
        share = 100 * frame.groupby("hidden_size")["gradcheck_false_alarm"].mean()
        axes.plot(
            [sizes.index(size) for size in share.index],
            share,
            "o",
            markersize=4,
            color=OPTIMIZER_COLOURS[optimizer],
            linestyle=OPTIMIZER_DASHES[optimizer],
            label=readable(optimizer),
        )
    axes.set_xticks(range(len(sizes)), sizes)
    axes.set(
        title="false alarms of gradcheck",
        xlabel="hidden units H",
        ylabel="% of networks",
        ylim=(-3, 103),
    )
