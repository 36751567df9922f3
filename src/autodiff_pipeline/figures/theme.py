"""The theme of all figures: palettes, sizes of type, words, and how a picture is written."""

import base64
import io
import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, ParamSpec

import matplotlib
import numpy
import seaborn
from matplotlib.artist import Artist
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from PIL import Image

from autodiff_pipeline.data.units import Unit

# Okabe & Ito (2008), their purple, which is green to some, exchanged for the wine of Tol (2021):
# distinguishable with every form of colour blindness.
BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW, BLACK = (
    "#0072B2 #E69F00 #009E73 #D55E00 #56B4E9 #882255 #F0E442 #000000".split()
)
TRUTH: dict[str, Any] = {"color": BLACK, "linewidth": 1.2, "linestyle": (0, (4, 2))}
FLOOR: dict[str, Any] = {"color": "0.45", "linewidth": 1.0, "linestyle": (0, (1, 1.5))}
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
MANY_POINTS = 300  # beyond them, an SVG holds a picture of the points
LONGEST_EXPRESSION = 48  # characters
LONGEST_NAME = 26  # characters, of a column along an axis
_PATH, _TOO_FINE = re.compile(rb' d="[^"]*"'), re.compile(rb"([.]\d)\d+")  # 0.1 points
_IMAGE, _INDENTATION = re.compile(rb'(?<=image/png;base64,)[^"]*'), re.compile(rb"\n +")
TITLE, LABEL = 10.5, 8.5  # sizes of type, in points
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
        "figure.titlesize": TITLE,
        "legend.fontsize": LABEL,
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
            figure.draw_without_rendering()
            figure.set_layout_engine("none")  # once is enough for both kinds of pictures
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


def loss_label(in_variances: bool) -> str:
    """What an axis of losses says: in units of y squared, or in variances of y."""
    return "loss (variance of y = 1)" if in_variances else "mean squared error"


def hidden_units(hidden_size: int) -> str:
    """The title of the panel of one hidden size."""
    return f"{hidden_size} hidden unit{'s' if hidden_size > 1 else ''}"


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
