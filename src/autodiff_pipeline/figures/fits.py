"""What the networks learned.

The median of the fitted curves and the band that contains 90 % of them, with one panel per number
of hidden units, over [the true model (dashed) and |]the points of one [data set|split, in the units
of the file]. Thin lines are the straight line and the quadratic that fit these points best[; where
they cannot be seen, they lie under the true model|].

Quantiles are taken at every x over all [data sets|splits of the file] and initializations of an
optimizer, so that the band shows both kinds of luck.

[One or two units cannot bend often enough. With more, the curves agree|A narrow band means that all
splits and starts lead to the same curve. Curves agree] where there are data and differ where there
are none: at the edges a ReLU network goes on in a straight line.
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.data.units import Unit, restored
from autodiff_pipeline.figures.labelled_lines import LEVELS, draw_band
from autodiff_pipeline.figures.layout import entitle, grid_of_panels, legend_below
from autodiff_pipeline.figures.theme import TRUTH, hidden_units, name_axes, styled
from autodiff_pipeline.tables.least_squares import DEGREES, least_squares, value


@styled
def draw(fits: DataFrame, samples: DataFrame, *, units: dict[str, Unit]) -> Figure:
    """Median fit and 90 % band over seeds, the true model, and one data set behind them.

    Args: fits, the table, in which y_true is missing where it is not known; samples with columns x
    and y, in standard units if measured; units of x and y.
    """
    hidden_sizes = sorted(fits["hidden_size"].unique())
    labels = name_axes(units)
    figure, every_axes = grid_of_panels(
        len(hidden_sizes), xlabel=labels["xlabel"], ylabel=labels["ylabel"]
    )
    points = DataFrame({axis: restored(samples[axis], units[axis]) for axis in "xy"})
    grid = fits[fits["hidden_size"] == hidden_sizes[0]].drop_duplicates("x")
    shown = grid["y_true"] if "y_true" in grid else points["y"]
    low, high = shown.min(), shown.max()
    margin = 0.2 * (high - low) or 1.0
    standard = (grid["x"] - units["x"]["mean"]) / units["x"]["standard_deviation"]
    polynomials = {
        baseline: restored(
            value(least_squares(samples["x"], samples["y"], degree), standard), units["y"]
        )
        for baseline, degree in DEGREES.items()
    }
    for hidden_size, axes in zip(hidden_sizes, every_axes, strict=True):
        panel = fits[fits["hidden_size"] == hidden_size]
        axes.scatter(
            points["x"],
            points["y"],
            s=4,
            color="0.7",
            linewidth=0,
            label="samples of one data set" if "y_true" in grid else "rows of one split",
        )
        for optimizer, frame in panel.groupby("optimizer", sort=False):
            draw_band(axes, frame, "x", "q05", "q95", str(optimizer))
        for baseline, curve in polynomials.items():
            label, line = LEVELS[baseline]
            # The ends of a line are enough, and lighter.
            ends = slice(None, None, max(len(grid) - 1, 1) if DEGREES[baseline] == 1 else None)
            axes.plot(grid["x"][ends], curve[ends], **line, label=f"{label} fitted to these points")
        if "y_true" in grid:
            axes.plot(grid["x"], grid["y_true"], **TRUTH, label="true model")
        axes.set(
            title=hidden_units(hidden_size),
            xlim=(grid["x"].min(), grid["x"].max()),
            ylim=(low - margin, high + margin),
        )
    models = "Estimated and true model" if "y_true" in grid else "Estimated model"
    entitle(figure, f"{models}: median fit, and 90 % band over seeds")
    legend_below(figure)
    return figure
