"""A function and its derivative, twice.

Above, the function, its true derivative (wide) and the one that torch returns by reverse-mode
automatic differentiation (thin, on top). Below, how far the two derivatives are apart, in every
precision.

The truth comes from ball arithmetic: the precision is doubled until a rigorous enclosure rounds to
one number. torch differentiates the same expression in each precision; a point where both agree to
the last bit has no place on the logarithmic axis and is left out.

At this scale the two curves coincide. Their distance is that of rounding, a few units of each
precision's last digit; but where the derivative itself is small, the same distance is large beside
it.
"""

import numpy
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.reals import finite_values
from autodiff_pipeline.figures.layout import (
    entitle,
    legend_below,
    panels,
    say_instead,
    spare_overflow,
)
from autodiff_pipeline.figures.theme import (
    BLACK,
    BLUE,
    DTYPE_COLOURS,
    DTYPE_MARKERS,
    ORANGE,
    shortened,
    styled,
)


@styled
def draw(points: DataFrame, *, expression: str) -> Figure:
    """Above, a function with its true and its automatic derivative; below, their difference.

    Args: points, the linear grid of one function with the first derivative by reverse mode and
    its truth; expression, the function. The difference is drawn for every dtype, in the units of
    the derivative; where it is exactly 0 there is no point.
    """
    automatic = points[(points["order"] == 1) & (points["method"] == "reverse_mode")]
    automatic = automatic.replace([numpy.inf, -numpy.inf], numpy.nan)
    if automatic.empty:
        return say_instead(Figure(), f"No first derivative of {shortened(expression)} was taken.")
    figure, [[above], [below]] = panels(2, 1, width=6.0, height=2.3, sharex=True)
    frame = automatic[automatic["dtype"] == automatic["dtype"].iloc[-1]]
    values = finite_values(parse(expression), frame["x"])
    above.plot(frame["x"], values, color=BLACK, linewidth=1.4, label="f(x)")
    above.plot(
        frame["x"], frame["truth"], color=ORANGE, linewidth=5, alpha=0.55, label="f′(x), true"
    )
    above.plot(frame["x"], frame["value"], color=BLUE, linewidth=1.4, label="f′(x), automatic")
    above.set(ylabel="value")
    for dtype, frame in automatic.groupby("dtype", sort=False):
        difference = (frame["value"] - frame["truth"]).abs().replace(0.0, numpy.nan)
        below.semilogy(
            frame["x"],
            difference,
            DTYPE_MARKERS[str(dtype)],
            color=DTYPE_COLOURS[str(dtype)],
            markersize=3.5,
            markeredgewidth=0,
            label=f"difference in {dtype}",
        )
    spare_overflow(above)
    spare_overflow(below)
    below.set(xlabel="x", ylabel="|automatic − truth|")
    entitle(figure, f"f(x) = {shortened(expression)} and its derivative, the truth and by torch")
    legend_below(figure)
    return figure
