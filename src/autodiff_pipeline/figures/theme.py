"""The theme of all figures: palettes, sizes, and layouts that fit any data.

Sizes are in inches, of type in points. A figure grows by the height of its title and its legend, so
that panels keep theirs; both are broken into as many lines as the width asks for.
"""

import base64
import io
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec

import matplotlib
import numpy
import seaborn
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from pandas import DataFrame
from PIL import Image

from autodiff_pipeline.data.units import Unit

# Okabe & Ito (2008), their purple, which is green to some, exchanged for the wine of Tol (2021):
# distinguishable with every form of colour blindness.
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW, BLACK = (
    "#0072B2 #E69F00 #009E73 #D55E00 #56B4E9 #882255 #F0E442 #000000".split()
)
TRUTH: dict[str, Any] = {"color": BLACK, "linewidth": 1.2, "linestyle": (0, (4, 2))}
FLOOR: dict[str, Any] = {"color": "0.45", "linewidth": 1.0, "linestyle": (0, (1, 1.5))}
LEVELS: dict[str, tuple[str, dict[str, Any]]] = {  # baselines: what they are, and their lines
    "straight_line": ("straight line", {"color": "0.3", "lw": 0.9, "ls": (0, (6, 2))}),
    "quadratic": ("quadratic", {"color": "0.3", "lw": 0.9, "ls": (0, (3, 1.5))}),
    "noise_floor": ("noise variance", FLOOR),
}
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
DTYPE_COLOURS = {"float16": PURPLE, "bfloat16": GREEN, "float32": VERMILION, "float64": BLUE}
DTYPE_MARKERS = {"float16": "s", "bfloat16": "^", "float32": "D", "float64": "o"}

NARROWEST = 5.2  # inches: room for a title and a legend beside no more than one panel
MOST_COLUMNS = 4  # panels beside each other
MANY_POINTS = 300  # beyond them, an SVG holds a picture of the points
LONGEST_EXPRESSION = 48  # characters
LONGEST_NAME = 26  # characters, of a column along an axis

_HUGE = 1e300
_PATH, _TOO_FINE = re.compile(rb' d="[^"]*"'), re.compile(rb"([.]\d)\d+")  # 0.1 points
_IMAGE, _INDENTATION = re.compile(rb'(?<=image/png;base64,)[^"]*'), re.compile(rb"\n +")
_LARGEST_TICK = 1.79e308
_LETTER = 0.58  # of the size of type: the width of a letter, on average and with some to spare
_TITLE, _LABEL = 10.5, 8.5  # points

P = ParamSpec("P")


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the theme, leaving matplotlib's global settings as they were."""
    settings = {
        **seaborn.axes_style("ticks"),
        **seaborn.plotting_context("notebook", font_scale=0.8),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "figure.dpi": 200,
        "figure.titlesize": _TITLE,
        "legend.fontsize": _LABEL,
        "legend.frameon": False,
        "lines.linewidth": 1.4,
    }

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(settings):
            figure = draw(*args, **kwargs)
            drawn = [artist for axes in figure.axes for artist in (*axes.lines, *axes.collections)]
            points = [artist for artist in drawn if _points(artist)]
            if sum(map(_points, points)) > MANY_POINTS:
                for artist in points:
                    artist.set_rasterized(True)
            return figure

    return drawn


def picture(figure: Figure, kind: str) -> bytes:
    """The figure as "png" or "svg"; the same figure always gives the same bytes."""
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "autodiff-pipeline"}):
        figure.savefig(file, format=kind, metadata={"Date": None} if kind == "svg" else {})
    if kind == "png":
        return file.getvalue()
    text = _PATH.sub(lambda path: _TOO_FINE.sub(rb"\1", path[0]), file.getvalue())
    return _INDENTATION.sub(b"\n", _IMAGE.sub(_of_few_colours, text))


def _of_few_colours(encoded: re.Match[bytes]) -> bytes:
    """The points of an SVG as a PNG of 256 colours, in base64, of which few have more."""
    with Image.open(io.BytesIO(base64.b64decode(encoded[0]))) as image:
        few = image.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue())


def hidden_size_colours(hidden_sizes: Iterable[int]) -> dict[int, Any]:
    """From light and small to dark and large; told apart by lightness alone."""
    ordered = sorted(hidden_sizes)
    colours = matplotlib.colormaps["viridis"](numpy.linspace(0.92, 0.0, len(ordered)))
    return dict(zip(ordered, map(tuple, colours), strict=True))


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
    width = int(figure.get_figwidth() * 72 / (_LETTER * _TITLE))
    lines = [line for text in (title, note) if text for line in textwrap.wrap(text, width)]
    figure.set_figheight(figure.get_figheight() + len(lines) * 1.3 * _TITLE / 72)
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
    letters = int((figure.get_figwidth() - 0.8) * 72 / (_LETTER * _LABEL))
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
    spread = _apart(places, 1.25 * _LABEL, (window.y0 * points_per_dot, window.y1 * points_per_dot))
    for (label, (_, y)), place, apart in zip(ends.items(), places, spread, strict=True):
        axes.annotate(
            label,
            (1, y),
            (4, apart - place),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            color=tuple(0.7 * part for part in to_rgb(lines[label].get_color())),
            fontsize=_LABEL,
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


def loss_label(in_variances: bool) -> str:
    """What an axis of losses says: in units of y squared, or in variances of y."""
    return "loss (variance of y = 1)" if in_variances else "mean squared error"


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


def shortened(text: str, longest: int = LONGEST_EXPRESSION) -> str:
    """An expression short enough for a title, or a text: the end of a long one is left out."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def name_axes(units: Mapping[str, Unit]) -> dict[str, str]:
    """The labels of the axes x and y, short enough for the side of a panel."""
    return {
        f"{axis}label": shortened(units[axis]["name"], LONGEST_NAME).replace("$", r"\$")
        for axis in "xy"
    }


def _points(artist: Artist) -> int:
    """How many separate points or cells an artist draws."""
    match artist:
        case Line2D() if artist.get_linestyle() == "None":
            return len(numpy.atleast_1d(artist.get_xdata()))
        case PathCollection():
            return len(artist.get_offsets())  # type: ignore[arg-type]
        case QuadMesh():
            array = artist.get_array()
            return 0 if array is None else array.size
    return 0
