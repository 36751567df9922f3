"""Layouts that fit any data: panels, their titles, and legends below them.

Sizes are in inches, of type in points. A figure grows by the height of its title and its legend, so
that panels keep theirs; both are broken into as many lines as the width asks for.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from autodiff_pipeline.figures.theme import LABEL, TITLE

NARROWEST = 5.2  # inches: room for a title and a legend beside no more than one panel
MOST_COLUMNS = 4  # panels beside each other
_HUGE = 1e300
_LARGEST_TICK = 1.79e308
_LETTER = 0.58  # of the size of type: the width of a letter, on average and with some to spare


def panels(
    rows: int, columns: int, *, width: float = 3.4, height: float = 2.6, **options: Any
) -> tuple[Figure, Sequence[Sequence[Axes]]]:
    """A figure of rows x columns panels of a size; axes always as a two-dimensional sequence."""
    size = (max(NARROWEST, width * columns), height * rows)
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)  # which knows how wide a text is
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def grid_of_panels(
    count: int, *, xlabel: str, ylabel: str, width: float = 2.55, height: float = 2.3
) -> tuple[Figure, list[Axes]]:
    """``count`` panels with shared axes, four a row at most, labelled at the outer edge only."""
    columns = _columns(count)
    rows = max(-(-count // columns), 1)
    figure, grid = panels(rows, columns, width=width, height=height, sharex=True, sharey=True)
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


def rows_of_panels(every_axes: Sequence[Axes]) -> list[Sequence[Axes]]:
    """The panels of `grid_of_panels`, row by row."""
    columns = _columns(len(every_axes))
    return [every_axes[first : first + columns] for first in range(0, len(every_axes), columns)]


def _columns(count: int) -> int:
    rows = max(-(-count // MOST_COLUMNS), 1)
    return max(-(-count // rows), 1)


def entitle(figure: Figure, title: str, note: str = "") -> None:
    """A title over the whole figure, and a note below it."""
    width = int(figure.get_figwidth() * 72 / (_LETTER * TITLE))
    lines = [line for text in (title, note) if text for line in textwrap.wrap(text, width)]
    figure.set_figheight(figure.get_figheight() + len(lines) * 1.3 * TITLE / 72)
    figure.suptitle("\n".join(lines))


def legend_below(
    figure: Figure, handles: Mapping[str, Artist] | None = None, **options: Any
) -> None:
    """One legend of all panels under them, in as many columns as there is room for.

    Args: handles by label, if not those of the panels, where equal labels are one.
    """
    shown = handles if handles is not None else distinct_handles(figure.axes)
    if not shown:
        return
    letters = int((figure.get_figwidth() - 0.8) * 72 / (_LETTER * LABEL))
    labels = [textwrap.fill(label, letters) for label in shown]
    room = figure.get_figwidth() * figure.dpi
    for columns in range(min(len(labels), 6), 0, -1):
        legend = figure.legend(
            list(shown.values()), labels, loc="outside lower center", ncols=columns, **options
        )
        extent = legend.get_window_extent(figure.canvas.get_renderer())  # type: ignore[attr-defined]
        if extent.width <= room or columns == 1:
            break
        legend.remove()
    figure.set_figheight(figure.get_figheight() + extent.height / figure.dpi)


def distinct_handles(every_axes: Iterable[Axes]) -> dict[str, Artist]:
    """What legends of some axes would show, by label, each label once."""
    return {
        label: handle
        for axes in every_axes
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
    }


def say_instead(figure: Figure, sentence: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    figure.clear()
    figure.set_size_inches(NARROWEST, 1.2)
    letters = int((NARROWEST - 0.4) * 72 / (_LETTER * 9))
    figure.text(
        0.5, 0.5, textwrap.fill(sentence, letters), ha="center", va="center", size=9, color="0.35"
    )
    return figure


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
