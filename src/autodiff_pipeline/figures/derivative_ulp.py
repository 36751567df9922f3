"""Where a derivative goes wrong.

The error of the first derivative along x, in units in the last place (ulp), on a logarithmic axis;
an error of exactly 0 is drawn at 0.01. The grey area is where automatic differentiation returns 0,
infinity or NaN although the truth is representable.

Four methods for the same derivative, each in the precision of its panel: torch's reverse mode, the
textbook formula, the complex step and a rule rewritten to be stable. The truth is certified by ball
arithmetic.

Below the dotted line a derivative is right. Where a curve climbs, digits are lost one by one, long
before the derivative is lost as a whole; at the height it climbs to, a number has not one right
digit.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame, concat

from autodiff_pipeline.figures.layout import (
    entitle,
    grid_of_panels,
    legend_below,
    say_instead,
    spare_overflow,
)
from autodiff_pipeline.figures.theme import BLUE, GREEN, ORANGE, VERMILION, shortened, styled

METHODS = {
    "reverse_mode": ("torch, automatic", VERMILION),
    "formula": ("textbook formula", ORANGE),
    "complex_step": ("complex step", BLUE),
    "stable": ("stable rule", GREEN),
}
SMALLEST = 1e-2  # ulp: an error of exactly 0 is drawn here


@styled
def draw(curves: DataFrame, points: DataFrame, *, expression: str) -> Figure:
    """One panel per dtype: the error in ulp of the first derivative by four methods.

    Args: curves, the derivative over the function's wide range, and points, the same on its
    interval, which is drawn where no wider range is configured. Shaded: where automatic
    differentiation returns 0, infinity or NaN although the true derivative is representable.
    """
    frame = curves if len(curves) else points
    frame = concat([frame[(frame["order"] == 1) & (frame["method"] == name)] for name in METHODS])
    dtypes = [name for name in ("float32", "float64") if name in set(frame["dtype"])]
    dtypes = dtypes or list(frame["dtype"].unique())
    if not dtypes:
        return say_instead(Figure(), f"No first derivative of {shortened(expression)} was taken.")
    figure, every_axes = grid_of_panels(
        len(dtypes), xlabel="x", ylabel="error (units in the last place)", width=4.2, height=2.9
    )
    for dtype, axes in zip(dtypes, every_axes, strict=True):
        _draw_panel(axes, frame[frame["dtype"] == dtype])
        axes.set_title(str(dtype))
    entitle(figure, f"How wrong is the derivative of {shortened(expression)}?")
    legend_below(figure, markerscale=2)
    return figure


def _draw_panel(axes: Axes, frame: DataFrame) -> None:
    automatic = frame[frame["method"] == "reverse_mode"]
    axes.fill_between(
        automatic["x"],
        0,
        1,
        where=automatic["lost"].to_numpy(dtype=bool),
        transform=axes.get_xaxis_transform(),
        color="0.88",
        linewidth=0,
        label="derivative lost",
    )
    for method, (label, colour) in METHODS.items():
        curve = frame[frame["method"] == method]
        error = curve["ulp_error"].clip(lower=SMALLEST)
        # Torch and the textbook formula coincide: torch is drawn wider, below.
        size = 6 if method == "reverse_mode" else 2.5
        axes.semilogy(curve["x"], error, ".", color=colour, markersize=size, label=label)
    spare_overflow(axes)
    axes.axhline(4, color="0.4", linewidth=0.8, linestyle=":", label="4 ulp")
