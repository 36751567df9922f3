"""The look that all figures share: sizes, colours, and how figures are made without pyplot."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec

import matplotlib
import seaborn
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

_HUGE = 1e300
_LARGEST_TICK = 1.79e308
COLUMN = 3.4  # inches: the width of one panel

# Okabe & Ito (2008): distinguishable with every form of colour blindness.
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW, BLACK = (
    "#0072B2 #E69F00 #009E73 #D55E00 #56B4E9 #CC79A7 #F0E442 #000000".split()
)
TRUTH: dict[str, Any] = {"color": BLACK, "linewidth": 1.2, "linestyle": (0, (4, 2))}
OPTIMIZER_COLOURS = {
    "gradient_descent": BLUE,
    "momentum": ORANGE,
    "adam": GREEN,
    "levenberg_marquardt": PURPLE,
}
OPTIMIZER_DASHES: dict[str, Any] = {
    "gradient_descent": "-",
    "momentum": (0, (5, 1)),
    "adam": "-",
    "levenberg_marquardt": (0, (5, 1)),
}

P = ParamSpec("P")


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw with the shared style, leaving matplotlib's global settings as they were."""
    settings = {
        **seaborn.axes_style("ticks"),
        **seaborn.plotting_context("notebook", font_scale=0.8),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "lines.linewidth": 1.4,
        "legend.frameon": False,
        "savefig.dpi": 130,
    }

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(settings):
            return draw(*args, **kwargs)

    return drawn


def spare_overflow(axes: Axes) -> None:
    """Make axes symlog where data reach the largest doubles, and matplotlib's sums overflow."""
    for get, limit, scale in (
        (axes.get_xlim, axes.set_xlim, axes.set_xscale),
        (axes.get_ylim, axes.set_ylim, axes.set_yscale),
    ):
        low, high = get()
        if not max(abs(low), abs(high)) < _HUGE:
            scale("symlog")
            limit(max(low, -_LARGEST_TICK), min(high, _LARGEST_TICK))


def panels(
    rows: int, columns: int, *, height: float = 2.6, **options: Any
) -> tuple[Figure, Sequence[Sequence[Axes]]]:
    """A figure of rows x columns panels; axes always as a two-dimensional sequence."""
    figure = Figure(figsize=(COLUMN * columns, height * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def grid_of_panels(count: int, *, xlabel: str, ylabel: str) -> tuple[Figure, list[Axes]]:
    """``count`` panels with shared axes, four a row at most, labelled at the outer edge only."""
    columns = min(count, 4)
    rows = -(-count // columns)
    figure, grid = panels(rows, columns, sharex=True, sharey=True)
    figure.set_figwidth(2.4 * columns + 0.6)
    every_axes = [axes for row in grid for axes in row]
    for axes in every_axes[count:]:
        axes.set_axis_off()
    for index, axes in enumerate(every_axes[:count]):
        if index + columns >= count:
            axes.set_xlabel(xlabel)
            axes.tick_params(labelbottom=True)
        if index % columns == 0:
            axes.set_ylabel(ylabel)
    return figure, every_axes[:count]


def hidden_units(hidden_size: int) -> str:
    """The title of the panel of one hidden size."""
    return f"{hidden_size} hidden unit{'s' if hidden_size > 1 else ''}"


def draw_band(axes: Axes, frame: DataFrame, x: str, low: str, high: str, optimizer: str) -> None:
    """The median of one optimizer's networks as a line, between two quantiles as a band."""
    colour, dashes = OPTIMIZER_COLOURS[optimizer], OPTIMIZER_DASHES[optimizer]
    axes.plot(frame[x], frame["median"], color=colour, linestyle=dashes, label=readable(optimizer))
    axes.fill_between(frame[x], frame[low], frame[high], color=colour, alpha=0.2, linewidth=0)


def readable(name: str) -> str:
    """A column value as people write it: ``gradient_descent`` becomes ``gradient descent``."""
    return name.replace("_", " ")
