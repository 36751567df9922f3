"""Lines that say themselves what they are, and lines with bands."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from pandas import DataFrame

from autodiff_pipeline.figures.theme import (
    FLOOR,
    LABEL,
    OPTIMIZER_COLOURS,
    OPTIMIZER_DASHES,
    readable,
)

LEVELS: dict[str, tuple[str, dict[str, Any]]] = {  # baselines: what they are, and their lines
    "straight_line": ("straight line", {"color": "0.3", "lw": 0.9, "ls": (0, (6, 2))}),
    "quadratic": ("quadratic", {"color": "0.3", "lw": 0.9, "ls": (0, (3, 1.5))}),
    "noise_floor": ("noise variance", FLOOR),
}


def label_ends(lines: Mapping[Axes, Mapping[str, Line2D]]) -> None:
    """Write the label of each line of some axes at its right end, with no two overlapping.

    Labels have the colours of their lines, darker, so that yellow can be read. Call it once
    everything is drawn and scaled, because it measures where lines end: for all axes of a figure at
    a time, as each time costs a drawing.
    """
    figure = next(iter(lines)).figure
    figure.draw_without_rendering()  # type: ignore[union-attr]
    for axes, by_label in lines.items():
        _label_ends(axes, by_label, 72 / figure.dpi)


def _label_ends(axes: Axes, lines: Mapping[str, Line2D], points_per_dot: float) -> None:
    ends = {}
    for label, line in lines.items():
        points = numpy.column_stack([line.get_xdata(), line.get_ydata()]).astype(float)
        points = points[numpy.isfinite(points).all(axis=1)]
        if len(points):
            ends[label] = points[-1]
    places = [axes.transData.transform(end)[1] * points_per_dot for end in ends.values()]
    window = axes.get_window_extent()
    spread = _apart(places, 1.25 * LABEL, (window.y0 * points_per_dot, window.y1 * points_per_dot))
    for (label, (_, y)), place, apart in zip(ends.items(), places, spread, strict=True):
        axes.annotate(
            label,
            (1, y),
            (4, apart - place),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            color=tuple(0.7 * part for part in to_rgb(lines[label].get_color())),
            fontsize=LABEL,
            va="center",
        )


def draw_levels(rows: Sequence[Sequence[Axes]], levels: Mapping[str, float]) -> None:
    """Lines across all panels, labelled at the right end of each row that is full.

    Beside a row that is not, labels would push apart the panels of the others.

    Args: levels, where they lie, by the name of a baseline; those that are not finite are left out.
    """
    lines = {
        axes: {
            LEVELS[baseline][0]: axes.axhline(level, **LEVELS[baseline][1])
            for baseline, level in levels.items()
            if numpy.isfinite(level)
        }
        for row in rows
        for axes in row
    }
    label_ends({row[-1]: lines[row[-1]] for row in rows if len(row) == len(rows[0])})


def _apart(
    places: Sequence[float], gap: float, bounds: tuple[float, float]
) -> NDArray[numpy.float64]:
    """The nearest places in the same order, at least a gap apart and within bounds, by pooling."""
    order = numpy.argsort(places, kind="stable")
    steps = gap * numpy.arange(len(places))
    pools: list[list[float]] = []
    for target in numpy.asarray(places, dtype=float)[order] - steps:
        pools.append([target])
        while len(pools) > 1 and numpy.mean(pools[-2]) > numpy.mean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    level = [float(numpy.mean(pool)) for pool in pools for _ in pool]
    apart = numpy.empty(len(places))
    low, high = bounds
    apart[order] = numpy.clip(level, low, high - steps[-1:].sum()) + steps
    return apart


def draw_band(axes: Axes, frame: DataFrame, x: str, low: str, high: str, optimizer: str) -> None:
    """The median of one optimizer's networks as a line, between two quantiles as a band."""
    colour, dashes = OPTIMIZER_COLOURS[optimizer], OPTIMIZER_DASHES[optimizer]
    axes.plot(frame[x], frame["median"], color=colour, linestyle=dashes, label=readable(optimizer))
    axes.fill_between(frame[x], frame[low], frame[high], color=colour, alpha=0.2, linewidth=0)
