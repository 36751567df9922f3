"""The lesson's first picture: a function, its derivative twice, and the difference of the two."""

import numpy
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.reals import finite_values
from autodiff_pipeline.figures.look import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILION,
    panels,
    spare_overflow,
    styled,
)

DTYPE_COLOURS = {
    "float16": PURPLE,
    "bfloat16": GREEN,
    "float32": VERMILION,
    "float64": BLUE,
}


@styled
def draw(points: DataFrame, *, expression: str) -> Figure:
    """Above, a function with its true and its automatic derivative; below, their difference.

    Args: points, the linear grid of one function with the first derivative by reverse mode and
    its truth; expression, the function. The difference is drawn for every dtype, in the units of
    the derivative; where it is exactly 0 there is no point.
    """
    automatic = points[(points["order"] == 1) & (points["method"] == "reverse_mode")]
    automatic = automatic.replace([numpy.inf, -numpy.inf], numpy.nan)
    figure, [[above], [below]] = panels(2, 1, height=2.5, sharex=True, height_ratios=[3, 2])
    figure.set_figwidth(6.2)
    frame = automatic[automatic["dtype"] == automatic["dtype"].iloc[-1:].squeeze()]
    values = finite_values(parse(expression), frame["x"])
    above.plot(frame["x"], values, color=BLACK, linewidth=1.4, label=f"f(x) = {expression}")
    above.plot(
        frame["x"], frame["truth"], color=ORANGE, linewidth=5, alpha=0.55, label="f′(x) true"
    )
    above.plot(frame["x"], frame["value"], color=BLUE, linewidth=1.4, label="f′(x) automatic")
    above.legend()
    above.set(ylabel="value", title="A function and its derivative, the truth and by torch")
    for dtype, frame in automatic.groupby("dtype", sort=False):
        difference = (frame["value"] - frame["truth"]).abs().replace(0.0, numpy.nan)
        below.semilogy(
            frame["x"], difference, ".", color=DTYPE_COLOURS[str(dtype)], markersize=4, label=dtype
        )
    spare_overflow(above)
    spare_overflow(below)
    handles, labels = below.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4, markerscale=2)
    below.set(xlabel="x", ylabel="|automatic − truth|")
    return figure
