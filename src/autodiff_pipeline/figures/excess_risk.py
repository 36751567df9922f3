"""How far every network is from the truth.

Every point is a trained network; a bar is the median of its group. The lines across are the excess
risks of a straight line and of a quadratic, both fitted in closed form to the same data, and the
variance of the noise.

The excess risk is the mean of (f(x) - true model)² over the distribution of x, by numerical
integration, not over the sample: it is what the network gets wrong about the truth, without the
noise. Networks that diverged are counted in the legend and have no point.

Bars compare groups; the height of a cloud shows how much is luck. Where the clouds of an optimizer
stop sinking, more units no longer help; the quadratic, which knows the form of the truth, shows how
far there was to go.
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.clouds import draw_clouds
from autodiff_pipeline.figures.theme import styled


@styled
def draw(networks: DataFrame, baselines: DataFrame) -> Figure:
    """Every trained network a point, the median of each group a bar, closed-form fits as lines.

    Args: networks and baselines, the tables. Diverged networks are counted in the legend.
    """
    is_floor = baselines["baseline"] == "noise_floor"
    heights = baselines["median"].where(~is_floor, baselines["train_loss"])
    levels = dict(zip(baselines["baseline"], heights, strict=True))
    return draw_clouds(
        networks,
        "excess_risk",
        levels,
        ylabel="excess risk  E[(f(x) − true model)²]",
        title="Distance from the truth of {count} trained networks",
    )
