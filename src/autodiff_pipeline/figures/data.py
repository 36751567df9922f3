"""The data.

The points of one data set, the true model (dashed), and a band two standard deviations of the noise
wide on either side of it.

x is drawn from a normal distribution, y is the true model plus normal noise. Every data set has its
own stream of random numbers, so that adding one changes none of the others.

About 19 in 20 points lie in the band. Far out there are few points, and yet they decide how steep
the loss is: that is what makes gradient descent slow here.
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import BLUE, TRUTH, shortened, styled


@styled
def draw(samples: DataFrame, *, true_model: str, noise_scale: float) -> Figure:
    """Points (x, y) of a data set, its true model, and the band two noise standard deviations wide.

    Args: samples with columns x, y, y_true; noise_scale in the units of y.
    """
    figure, [[axes]] = panels(1, 1, width=5.6, height=3.2)
    ordered = samples.sort_values("x")
    axes.scatter(
        samples["x"], samples["y"], s=6, color=BLUE, alpha=0.4, linewidth=0, label="samples"
    )
    axes.fill_between(
        ordered["x"],
        ordered["y_true"] - 2 * noise_scale,
        ordered["y_true"] + 2 * noise_scale,
        color=BLUE,
        alpha=0.12,
        linewidth=0,
        label="true model ± 2 noise standard deviations",
    )
    axes.plot(ordered["x"], ordered["y_true"], **TRUTH, label=f"true model {shortened(true_model)}")
    axes.set(xlabel="x", ylabel="y")
    entitle(figure, f"One data set: {len(samples):,} noisy samples")
    legend_below(figure, markerscale=2)
    return figure
