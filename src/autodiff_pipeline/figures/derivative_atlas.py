"""Which derivatives are right.

Each row is a function or one of torch's own operators, each column a method of differentiation, and
each panel a precision and an order; functions of one family share a figure. The colour is the worst
error over all points tried, in units in the last place (ulp). Hatched cells are derivatives that a
method does not offer.

Every 16-bit number of the range is tried, and a sample of the others. Each result is compared with
the certified truth, unrounded. A dot marks derivatives that are lost somewhere: 0, infinite or not
a number although the truth is an ordinary number. A ring marks those that are not 0 where the truth
is.

Green is right to 4 ulp. A row that is dark under reverse mode and green under the stable rule is an
operator whose derivative needs no more digits, only another formula. Finite differences are dark by
nature: they can give only a part of the digits.
"""

from collections.abc import Mapping

import numpy
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import NDArray
from pandas import DataFrame, Series

from autodiff_pipeline.figures.layout import NARROWEST, entitle, legend_below
from autodiff_pipeline.figures.theme import readable, styled

BOUNDS = [0, 4, 32, 1e3, 1e6, numpy.inf]  # ulp
# Green only where the derivative is right; beyond, ever darker: readable without colour vision.
COLOURS = ["#7ccaa0", "#fbe3a2", "#f4a259", "#c8553d", "#6a1b3f"]
LETTER = 0.065  # inches: the width of a letter of the names of functions and methods
MARKS = "•: lost where representable;  ○: not 0 where the truth is 0"
LABELS = ["≤ 4 ulp", "≤ 32", "≤ 1000", "≤ 10⁶", "more, or infinite"]


@styled
def draw(accuracy: DataFrame, *, family: str, functions: list[str], operators: list[str]) -> Figure:
    """One panel per dtype (column) and order (row); a cell is the worst error of all points in ulp.

    Args: accuracy, the table, of which one system is shown: torch, or the first without it;
    functions and operators, what is shown of it, and their family. Hatched: the method is not
    available for that function; a dot marks derivatives that are lost (0, infinite or NaN)
    somewhere although they are representable, a circle those that are not 0 somewhere where the
    truth is. Where the truth is 0 at every point, errors cannot be given in ulp: a cell is right
    if every derivative is 0.
    """
    systems = list(accuracy["system"].unique())
    system = "torch" if "torch" in systems else systems[0]
    shown = accuracy["function"].isin(functions) | operators_of(accuracy).isin(operators)
    accuracy = accuracy[(accuracy["system"] == system) & shown]
    functions = list(accuracy["function"].unique())
    dtypes, orders = accuracy["dtype"].unique(), accuracy["order"].unique()
    methods = list(accuracy["method"].unique())
    names, labels = max(map(len, functions)), max(map(len, methods))
    width = 0.6 + LETTER * names + 0.24 * len(methods) * len(dtypes)
    height = 0.3 + LETTER * labels + (0.3 + 0.16 * len(functions)) * len(orders)
    figure = Figure(figsize=(max(NARROWEST, width), height), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(orders), len(dtypes), squeeze=False, sharex=True, sharey=True)
    for row, order in zip(grid, orders, strict=True):
        for axes, dtype in zip(row, dtypes, strict=True):
            frame = accuracy[(accuracy["dtype"] == dtype) & (accuracy["order"] == order)]
            draw_cells(axes, frame, {"function": functions}, {"method": methods})
            axes.set_yticks(numpy.arange(len(functions)) + 0.5, functions)
            axes.set_title(f"{dtype}, order {order}")
    entitle(
        figure,
        f"Worst error of derivatives in {readable(system)} against certified truth: {family}",
        MARKS,
    )
    legend_below(figure, classes())
    return figure


def operators_of(accuracy: DataFrame) -> Series:
    """The operator of every row of the table, as ``tanh`` of torch.tanh; empty for expressions."""
    return accuracy["function"].str.partition(".")[2]


def classes() -> dict[str, Artist]:
    """What the colours of cells mean, for a legend."""
    handles = [Patch(facecolor=c, label=text) for c, text in zip(COLOURS, LABELS, strict=True)]
    handles.append(Patch(facecolor="white", edgecolor="0.6", hatch="////", label="not available"))
    return {str(handle.get_label()): handle for handle in handles}


def draw_cells(
    axes: Axes, frame: DataFrame, rows: Mapping[str, list[str]], columns: Mapping[str, list[str]]
) -> None:
    """A cell for every row and column, coloured by the worst error, with dots and circles.

    Args: frame, of the accuracy table; rows and columns, the name of the column of the table that
    they stand for, and its values in their order.
    """
    [(index, index_values)], [(column, column_values)] = rows.items(), columns.items()

    def cells(values: str) -> NDArray[numpy.float64]:
        wide = frame.groupby([index, column])[values].max().unstack()
        return wide.reindex(index=index_values, columns=column_values).to_numpy(dtype=float)

    at_zero = numpy.nan_to_num(cells("max_absolute_error_at_zero"))
    values = cells("max_ulp_error")
    is_always_zero = (cells("points") > 0) & numpy.isnan(values)
    values = numpy.where(is_always_zero, numpy.where(at_zero > 0, numpy.inf, 0.0), values)
    axes.set_facecolor("white")
    axes.patch.set(hatch="////", edgecolor="0.8")
    inside = numpy.nextafter(BOUNDS[1:-1], numpy.inf)  # a bound belongs to the better class
    norm = BoundaryNorm([0, *inside, numpy.finfo(float).max], len(COLOURS))
    axes.pcolormesh(
        numpy.ma.masked_invalid(numpy.minimum(values, 1e300)),
        cmap=ListedColormap(COLOURS),
        norm=norm,
        edgecolor="white",
        linewidth=0.6,
    )
    ys, xs = numpy.nonzero(numpy.nan_to_num(cells("lost_points")))
    axes.scatter(xs + 0.5, ys + 0.5, s=5, color="black", linewidth=0)
    ys, xs = numpy.nonzero(at_zero)
    axes.scatter(xs + 0.5, ys + 0.5, s=16, color="none", edgecolor="black", linewidth=0.5)
    axes.set_xticks(
        numpy.arange(len(column_values)) + 0.5, map(readable, column_values), rotation=90
    )
    axes.tick_params(length=0, labelsize=7)
    axes.set_ylim(len(index_values), 0)
    for spine in axes.spines.values():
        spine.set_visible(False)
