"""Whose derivatives are right.

Each row is an operator, or a function without one, each column a system, and each panel a precision
and an order. The colour is the worst error of reverse mode over all points tried, in units in the
last place (ulp). Hatched cells are operators that a system does not have.

All systems are given the same points, and in float64 more where each is worst. Each result is
compared with the same certified truth. A dot marks derivatives that are lost somewhere: 0, infinite
or not a number although the truth is an ordinary number. A ring marks those that are not 0 where
the truth is.

Green is right to 4 ulp. A row that is dark in one system and green in another is a formula that one
could take from the other. JAX takes subnormal numbers for 0, so that it loses every derivative that
decays.
"""

import numpy
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.derivative_atlas import (
    LETTER,
    MARKS,
    classes,
    draw_cells,
    operators_of,
)
from autodiff_pipeline.figures.layout import NARROWEST, entitle, legend_below
from autodiff_pipeline.figures.theme import styled

ROWS = 36  # of operators and names of families, one below the other
CELL = 0.15  # inches


@styled
def draw(accuracy: DataFrame, *, families: dict[str, list[str]]) -> Figure:
    """Panels of one dtype (beside each other) and order (below), rows by family.

    Args: accuracy, the table; families, the rows: for each family the operators, and the functions
    without one. Many rows are cut into parts that stand side by side.
    """
    frame = accuracy[accuracy["method"] == "reverse_mode"]
    operator = operators_of(frame)
    frame = frame.assign(row=operator.where(operator != "", frame["function"]))
    frame = frame[(operator != "") | ~frame["row"].isin(operator)]
    rows = [row for family, names in families.items() for row in (_heading(family), *names)]
    count = -(-len(rows) // ROWS)
    parts = [list(part) for part in numpy.array_split(rows, count)]
    dtypes, orders = list(accuracy["dtype"].unique()), list(accuracy["order"].unique())
    systems = list(accuracy["system"].unique())
    longest = [max(map(len, part)) for part in parts]
    panel = max(0.7, 0.2 * len(systems))
    width = 0.4 + sum(LETTER * letters + 0.2 + panel * len(dtypes) for letters in longest)
    labels = 0.1 + LETTER * max(map(len, systems))
    height = labels + (0.3 + CELL * max(map(len, parts))) * len(orders)
    figure = Figure(figsize=(max(NARROWEST, width), height), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(orders), count * len(dtypes), squeeze=False, sharex=True)
    for number, part in enumerate(parts):
        for line, order in zip(grid, orders, strict=True):
            every_axes = line[number * len(dtypes) : (number + 1) * len(dtypes)]
            for axes, dtype in zip(every_axes, dtypes, strict=True):
                shown = frame[(frame["dtype"] == dtype) & (frame["order"] == order)]
                draw_cells(axes, shown, {"row": part}, {"system": systems})
                axes.set_title(dtype, fontsize=8)
                axes.set_yticks([])
                for y, row in enumerate(part):
                    if row.endswith(":"):  # a heading has no cells
                        axes.axhspan(y, y + 1, facecolor="white", edgecolor="white", zorder=3)
            every_axes[0].set_yticks(numpy.arange(len(part)) + 0.5, part)
            every_axes[0].set_ylabel(f"order {order}")
            for label in every_axes[0].get_yticklabels():
                label.set_fontweight("bold" if label.get_text().endswith(":") else "normal")
    entitle(figure, "Worst error of reverse-mode derivatives against certified truth", MARKS)
    legend_below(figure, classes())
    return figure


def _heading(family: str) -> str:
    return f"{family}:"
