"""How many derivatives are wrong.

A bar holds all functions of the atlas whose derivative a system offers in one precision, and its
colours say what is wrong with them at worst: somewhere the derivative is lost (0, infinite or not a
number where the truth is an ordinary number), has the wrong sign, or is imprecise, more than 1,000
units in the last place from the truth. The numbers count functions.

Derivatives are those of automatic differentiation, in reverse or forward mode, of a system's own
operator where it has one. They are compared with certified truth, at the same points for all.
Conventions at kinks are not counted, and neither is what lies beside a root of the derivative,
where it is smaller than any rounding error. JAX takes subnormal numbers for 0 on CPUs, by design:
there it is not judged.

Derivatives of operators are written by hand, as formulas that hold for real numbers. Where such a
formula subtracts two numbers that are nearly the same, or divides by one that underflows, the
result can be anything. The table of findings says where, and has a line of Python to see it.
"""

from collections.abc import Mapping, Sequence

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from pandas import DataFrame

from autodiff_pipeline.figures.derivative_atlas import operators_of
from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import readable, styled

_CLASSES = ("lost", "wrong_sign", "imprecise")  # from the worst
_CLASS_OF = {**dict.fromkeys(["lost", "nan", "infinite"], "lost"), **{k: k for k in _CLASSES}}
_COLOURS = {  # told apart by lightness alone
    "lost": "#6a1b3f",
    "wrong_sign": "#c8553d",
    "imprecise": "#fbe3a2",
    "right": "#7ccaa0",
}
_LABELS = {
    "lost": "lost (0, ∞, NaN) somewhere",
    "wrong_sign": "wrong sign somewhere",
    "imprecise": "imprecise somewhere",
    "right": "none of these found",
}
_ON_DARK = ("lost", "wrong_sign")
_NARROW = 0.05  # of a bar: too little for a number


@styled
def draw(
    findings: DataFrame, accuracy: DataFrame, *, operators: Mapping[str, str | None]
) -> Figure:
    """Panels of one order (below each other) and system (beside each other), a bar a dtype.

    Args: findings, accuracy, the tables; the second says which derivatives there are; operators,
    for each function the one that is differentiated in its place, or None.
    """
    counts = class_counts(findings, accuracy, operators)
    orders, systems = counts["order"].unique(), counts["system"].unique()
    dtypes = list(counts["dtype"].unique())
    height = 0.9 + 0.24 * len(dtypes)  # inches
    options = {"height": height, "sharex": True, "sharey": True}
    figure, grid = panels(len(orders), len(systems), **options)
    for row, order in zip(grid, orders, strict=True):
        for axes, system in zip(row, systems, strict=True):
            shown = counts[(counts["order"] == order) & (counts["system"] == system)]
            _draw_bars(axes, shown.set_index("dtype"), dtypes)
            axes.set_title(f"{readable(system)}, order {order}")
    for axes in grid[-1]:
        axes.set_xlabel("functions")
    entitle(figure, "Functions with a lost, wrong or imprecise derivative")
    seen = {name: colour for name, colour in _COLOURS.items() if counts[name].any()}
    legend_below(figure, {_LABELS[name]: Patch(facecolor=seen[name]) for name in seen})
    return figure


def class_counts(
    findings: DataFrame, accuracy: DataFrame, operators: Mapping[str, str | None]
) -> DataFrame:
    """How many functions there are of each class, by system, order and dtype.

    Each function counts once, in the worst of the classes lost, wrong_sign, imprecise, right. What
    is found beside a root of the derivative alone counts as right.
    """
    key = ["system", "order", "dtype"]
    functions = {
        f"operator {operator}" if operator else name for name, operator in operators.items()
    }
    operator = operators_of(accuracy)
    subject = accuracy["function"].where(operator == "", "operator " + operator)
    is_shown = subject.isin(functions) & accuracy["method"].isin(["reverse_mode", "forward_mode"])
    measured = accuracy.assign(subject=subject)[is_shown & (accuracy["points"] > 0)]
    totals = measured.groupby(key, sort=False)["subject"].nunique()
    kind = findings["kind"].map(_CLASS_OF)
    found = findings.assign(rank=kind.map(list(_COLOURS).index))[
        ~findings["beside_root"].astype(bool)
    ]
    worst = found.groupby([*key, "function"])["rank"].min()
    counts = {
        name: (worst == rank).groupby(key).sum().reindex(totals.index, fill_value=0)
        for rank, name in enumerate(_CLASSES)
    }
    frame = DataFrame(counts, index=totals.index).astype(int)
    return frame.assign(right=totals - frame.sum(axis="columns")).reset_index()


def _draw_bars(axes: Axes, counts: DataFrame, dtypes: Sequence[str]) -> None:
    places = [dtypes.index(dtype) for dtype in counts.index]
    start = numpy.zeros(len(counts))
    for name, colour in _COLOURS.items():
        widths = counts[name].to_numpy()
        axes.barh(places, widths, left=start, height=0.8, color=colour)
        for place, left, width, whole in zip(
            places, start, widths, counts[list(_COLOURS)].sum(axis="columns"), strict=True
        ):
            if width > _NARROW * whole:
                ink = "white" if name in _ON_DARK else "black"
                middle = left + width / 2
                axes.text(middle, place, str(width), color=ink, ha="center", va="center", size=7.5)
        start = start + widths
    axes.set_yticks(range(len(dtypes)), dtypes)
    axes.set_ylim(len(dtypes) - 0.5, -0.5)
    axes.margins(x=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
