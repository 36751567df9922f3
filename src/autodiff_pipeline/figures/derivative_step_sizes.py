"""The best step of a finite difference.

The worst error over the interval by the step h, with one line per scheme. Dashed lines have the
slopes of theory: truncation, which grows with h, and round-off, which grows as h shrinks. A diamond
is the best step found.

Each scheme is evaluated in the precision of its panel at every step 2^-k and compared with the
certified truth. The predicted best step is where the two terms of the textbook's error bound are
equal.

The curve of every difference is a V: there is a best step, and even that gives only a part of the
digits. The complex step subtracts nothing, so its left side is flat: h may be as small as one
likes.
"""

import numpy
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, grid_of_panels, legend_below, say_instead
from autodiff_pipeline.figures.theme import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    VERMILION,
    readable,
    shortened,
    styled,
)

COLOURS = {
    "forward_difference": VERMILION,
    "central_difference": BLUE,
    "second_central_difference": PURPLE,
    "richardson_2": ORANGE,
    "complex_step": GREEN,
}


@styled
def draw(step_sizes: DataFrame, optima: DataFrame, *, expression: str) -> Figure:
    """One panel per dtype: the worst error by step, with predicted slopes and best steps.

    Args: step_sizes and optima, the tables of one function. Dashed: the slopes of theory, which
    the legend names, meeting at the predicted best step; diamonds: the best step observed.
    """
    dtypes = list(step_sizes["dtype"].unique())
    if not dtypes:
        return say_instead(
            Figure(),
            f"No finite differences of {shortened(expression)} by step: they are taken in float32 "
            "and float64, of functions without kinks.",
        )
    figure, every_axes = grid_of_panels(
        len(dtypes), xlabel="step h", ylabel="worst error of f′", width=4.4, height=3.2
    )
    for dtype, axes in zip(dtypes, every_axes, strict=True):
        for scheme, frame in step_sizes[step_sizes["dtype"] == dtype].groupby("scheme", sort=False):
            error = frame["max_absolute_error"].replace([0.0, numpy.inf], numpy.nan)
            colour = COLOURS[str(scheme)]
            axes.loglog(frame["step"], error, ".-", color=colour, markersize=3, linewidth=0.7)
            best = optima[(optima["dtype"] == dtype) & (optima["scheme"] == scheme)].iloc[0]
            label = f"{readable(str(scheme))}: $h^{{{best['truncation_order']}}}$"
            if best["roundoff_order"]:
                label += f" and $h^{{{best['roundoff_order']}}}$"
            axes.plot(
                best["observed_step"], best["floor"], "D", color=colour, markersize=5, label=label
            )
            for slope, factor in (("truncation_order", 300.0), ("roundoff_order", 1 / 300.0)):
                ends = best["predicted_step"] * numpy.array([1.0, factor])
                theory = best["floor"] * (ends / ends[0]) ** best[slope]
                axes.loglog(ends, theory, "--", color=colour, linewidth=1.1, alpha=0.6)
        axes.set(title=str(dtype), xlim=(1e-16, 2), ylim=(1e-17, 1e3))
    entitle(
        figure,
        f"Derivatives of {shortened(expression)} by finite differences: worst error by step",
        "dashed: theory, meeting at the predicted best step; diamond: the best step observed",
    )
    legend_below(figure)
    return figure
