"""How long a true derivative takes.

Nanoseconds of one core for each point and order, on a logarithmic scale. All ways return the same
correctly rounded derivatives, in float32 or float64, of order 1 or of orders 1 and 2.

Points are equally spaced on an interval. Truth by pieces evaluates polynomials, after they have
been built; the hollow row spreads the time of building over all the points. Truth at points
encloses each derivative in a ball by itself. Formulas by hand, formulas by SymPy and numerical
differentiation are evaluated by mpmath, in integers of Python unless gmpy2 is installed, and
certify nothing. Each mark is the median of several repeats, in turn.

Polynomials take nanoseconds where everything else takes microseconds, so that every float32 of a
range can be judged. Building them pays where many points share them.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import BLUE, GREEN, VERMILION, styled

COLOURS = (BLUE, VERMILION, GREEN)
MARKERS = "oD^"
PIECES, WITH_BUILDING = "truth by pieces", "… with building"


@styled
def draw(truth: DataFrame) -> Figure:
    """Panels of one order (below each other) and dtype, a row a contestant, a mark a function.

    Args: truth, the table.
    """
    frame = truth.assign(nanoseconds=1000 * truth["microseconds"])
    pieces = frame[frame["contestant"] == PIECES]
    building = 1e9 * pieces["preparation_seconds"] / pieces["points"] / pieces["order"]
    built = pieces.assign(contestant=WITH_BUILDING, nanoseconds=pieces["nanoseconds"] + building)
    others = [name for name in frame["contestant"].unique() if name != PIECES]
    names = [PIECES, WITH_BUILDING, *others]
    orders, dtypes = frame["order"].unique(), frame["dtype"].unique()
    options = {"height": 0.9 + 0.22 * len(names), "sharex": True, "sharey": True}
    figure, grid = panels(len(orders), len(dtypes), **options)
    for row, order in zip(grid, orders, strict=True):
        for axes, dtype in zip(row, dtypes, strict=True):
            of_case = [
                each[(each["order"] == order) & (each["dtype"] == dtype)] for each in (frame, built)
            ]
            for shown, face in zip(of_case, (None, "white"), strict=True):
                _draw_marks(axes, shown, names, face)
            axes.set_title(f"{dtype}, " + ("order 1" if order == 1 else f"orders 1 to {order}"))
            axes.set_yticks(range(len(names)), names)
            axes.set_ylim(len(names) - 0.5, -0.5)
            axes.grid(axis="x", color="0.9")
            axes.set_axisbelow(True)
    for axes in grid[-1]:
        axes.set_xlabel("ns per point and order, one core")
    entitle(figure, "Time for a correctly rounded derivative")
    legend_below(figure)
    return figure


def _draw_marks(axes: Axes, frame: DataFrame, names: list[str], face: str | None) -> None:
    """A mark for each row of the frame; hollow where a face colour is given."""
    for number, function in enumerate(frame["function"].unique()):
        shown = frame[frame["function"] == function]
        axes.semilogx(
            shown["nanoseconds"],
            [names.index(name) for name in shown["contestant"]],
            linestyle="none",
            color=COLOURS[number % len(COLOURS)],
            marker=MARKERS[number % len(MARKERS)],
            markerfacecolor=face,
            markersize=5,
            label=function if face is None else None,
        )
