"""What the excess risk is made of.

One stacked bar per optimizer and one panel, with its own scale, per number of hidden units. The
number on top is the sum; a term below zero hangs below the axis. The dotted line is the quadratic
fitted in closed form.

Approximation is the risk of the best network of that size; estimation is what the best fit of the
noisy data adds to it; optimization is the rest, which the optimizer left. The best networks are
found by Levenberg-Marquardt from many starts.

Blue shrinks with every unit and yellow grows: that is why more units stop helping. Red is the
optimizer's. Where it hangs below the axis, stopping early kept the network from fitting the noise.
"""

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from pandas import DataFrame

from autodiff_pipeline.figures.layout import MOST_COLUMNS, entitle, legend_below, panels
from autodiff_pipeline.figures.theme import SKY, VERMILION, YELLOW, hidden_units, readable, styled

COLOURS = {"approximation": SKY, "estimation": YELLOW, "optimization": VERMILION}
MEANING = {
    "approximation": "too few units",
    "estimation": "noise in the data",
    "optimization": "left by the optimizer; below 0, spared by stopping early",
}
BASELINE = "quadratic"


@styled
def draw(error_decomposition: DataFrame, baselines: DataFrame) -> Figure:
    """One panel per hidden size, with its own scale, and one stacked bar per optimizer.

    Args: error_decomposition and baselines, the tables. A term below zero, where stopping early
    saves a network from fitting the noise, hangs below the axis; the number is the sum. Where too
    many networks diverged the sum is infinite: the bar has no optimization, and says so.
    """
    hidden_sizes = sorted(error_decomposition["hidden_size"].unique())
    optimizers = list(error_decomposition["optimizer"].unique())
    rows = -(-len(hidden_sizes) // MOST_COLUMNS)
    columns = -(-len(hidden_sizes) // rows)
    figure, grid = panels(rows, columns, width=0.8 + 0.55 * len(optimizers), height=2.3)
    every_axes = [axes for row in grid for axes in row]
    for axes in every_axes[len(hidden_sizes) :]:
        axes.set_axis_off()
    [floor] = baselines.loc[baselines["baseline"] == BASELINE, "interquartile_mean"]
    for index, (hidden_size, axes) in enumerate(zip(hidden_sizes, every_axes, strict=False)):
        panel = error_decomposition[error_decomposition["hidden_size"] == hidden_size]
        _draw_panel(axes, panel.set_index("optimizer").loc[optimizers])
        axes.axhline(floor, color="black", lw=0.9, linestyle=":")
        axes.set_title(hidden_units(hidden_size))
        if index % columns == 0:
            axes.set_ylabel("excess risk")
    handles = [
        Patch(facecolor=colour, edgecolor="0.3", linewidth=0.5, label=f"{name}: {MEANING[name]}")
        for name, colour in COLOURS.items()
    ]
    [line] = every_axes[0].plot([], [], color="black", lw=0.9, linestyle=":")
    line.set_label("closed-form quadratic")
    shown = {str(handle.get_label()): handle for handle in [*handles, line]}
    entitle(
        figure,
        "What the excess risk is made of",
        "numbers are the sums of the terms; each panel has its own scale",
    )
    legend_below(figure, shown)
    return figure


def _draw_panel(axes: Axes, frame: DataFrame) -> None:
    places = numpy.arange(len(frame))
    top, bottom = numpy.zeros(len(frame)), numpy.zeros(len(frame))
    for name, colour in COLOURS.items():
        term = frame[name].to_numpy(dtype=float)
        term = numpy.where(numpy.isfinite(term), term, 0)
        start = numpy.where(term < 0, bottom, top)
        axes.bar(places, term, 0.7, start, color=colour, edgecolor="0.3", linewidth=0.5, label=name)
        top, bottom = top + term.clip(min=0), bottom + term.clip(max=0)
    for place, total, height in zip(places, frame["excess_risk"], top, strict=True):
        text = f"{total:.2g}" if numpy.isfinite(total) else "diverged"
        axes.annotate(
            text, (place, height), (0, 2), textcoords="offset points", ha="center", fontsize=7
        )
    axes.axhline(0, color="0.3", lw=0.6)
    axes.set_xticks(places, [readable(name).replace(" ", "\n") for name in frame.index])
    axes.tick_params(axis="x", length=0, labelsize=7)
    axes.set_ylim(1.15 * min(bottom), 1.15 * max(top))
    middle, reach = (len(frame) - 1) / 2, max(len(frame), 3) / 2
    axes.set_xlim(middle - reach, middle + reach)
