"""Every way to the gradient of a network.

Each row is a method, each point a network of some hidden size, before or after training. The panels
show the gradient of its loss, the product of its Hessian with a vector, and the whole Hessian. The
scale is the largest error of any entry, relative to the largest entry of the truth.

In float64 the truth is certified: the formula of the network, written out to the second order, in
arithmetic with balls. In float32 it is reverse mode in float64 at the same numbers. All activations
are used at initial parameters; the trained networks are those of the experiment. The complex step
needs an analytic activation, moments need relu.

Whatever follows the chain rule is right to a few roundings (dotted), so the choice between those
methods is one of time and memory. Central differences lose a third of the digits or more, and where
a step crosses the kink of a unit, up to all of them. With tanh, second derivatives by the usual
formula lose digits where a unit is saturated; the complex step keeps them.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import DTYPE_COLOURS, FLOOR, readable, styled

LEAST = 1e-17  # smaller errors, and none at all, are drawn here
MARKERS = "oD^sv"  # of activations
TITLES = {
    "gradient": "gradient",
    "hessian_vector_product": "Hessian-vector product",
    "hessian": "Hessian",
}
APART = 0.32  # rows: the distance of the two dtypes, and of their roundings
ROUNDING = {"float32": 2.0**-24, "float64": 2.0**-53}


@styled
def draw(gradient_agreement: DataFrame) -> Figure:
    """One panel per quantity; a row is a method, a point a network.

    Args: gradient_agreement, the table. Open markers are initial parameters, filled ones trained.
    """
    quantities = list(gradient_agreement["quantity"].unique())
    most = max(gradient_agreement.groupby("quantity")["method"].nunique())
    figure, [row] = panels(1, len(quantities), width=3.5, height=0.9 + 0.24 * most, sharex=True)
    markers = dict(zip(gradient_agreement["activation"].unique(), MARKERS, strict=False))
    for axes, quantity in zip(row, quantities, strict=True):
        frame = gradient_agreement[gradient_agreement["quantity"] == quantity]
        _draw_panel(axes, frame, markers)
        axes.set(title=TITLES[quantity], xlabel="largest error / largest entry")
    for dtype in gradient_agreement["dtype"].unique():
        row[0].plot([], [], "s", color=DTYPE_COLOURS[dtype], markersize=5, label=dtype)
    for activation, marker in markers.items():
        row[0].plot([], [], marker, color="0.35", markersize=4.5, label=activation)
    for label, face in (("initial parameters", "white"), ("trained", "0.35")):
        row[0].plot(
            [], [], "o", markerfacecolor=face, markeredgecolor="0.35", markersize=4.5, label=label
        )
    row[0].plot([], [], **FLOOR, label="half an ulp of 1")
    entitle(figure, "How far every way to a gradient is from the truth")
    legend_below(figure)
    return figure


def _draw_panel(axes: Axes, frame: DataFrame, markers: dict[str, str]) -> None:
    methods = list(frame["method"].unique())
    dtypes = list(frame["dtype"].unique())
    for dtype in dtypes:
        axes.axvline(ROUNDING[dtype], **FLOOR)
    for key, rows in frame.groupby(["dtype", "stage", "activation"]):
        dtype, stage, activation = map(str, key)
        place = APART * (dtypes.index(dtype) - (len(dtypes) - 1) / 2)
        colour = DTYPE_COLOURS[dtype]
        axes.scatter(
            rows["max_relative_error"].clip(lower=LEAST),
            rows["method"].map(methods.index) + place,
            s=11,
            marker=markers[activation],
            facecolor="white" if stage == "initial" else colour,
            edgecolor=colour,
            linewidth=0.7,
            alpha=0.8,
        )
    axes.set_xscale("log")
    axes.set_yticks(range(len(methods)), map(readable, methods))
    axes.set_ylim(len(methods) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", color="0.92", linewidth=0.6)
    axes.set_axisbelow(True)
