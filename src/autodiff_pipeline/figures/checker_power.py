"""Which wrong gradients checkers notice.

A panel for each way to get a gradient wrong: the share of wrong gradients that a checker notices,
by the size of their largest error, relative to the largest entry. One that is called wrong counts
only where the right gradient of the same function is not called wrong too. The last panel shows how
often that happens.

The functions are random, of two to nine numbers of size 1. Half of them have a kink between 1e-9
and 1e-3 away from their point; for a wrong value at a kink, all have one at the point. Checkers are
used with their defaults; JAX's and the Taylor test look along one random direction.

Fixed tolerances let small errors pass, and fixed steps cross kinks, which is where false alarms
come from. The Taylor test finds its own steps, and does not decide at kinks. The complex step
notices every error where the function takes complex numbers, so for half of the functions, and is
wrong about those that take them and are not analytic.
"""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import distinct_handles, entitle, grid_of_panels, legend_below
from autodiff_pipeline.figures.theme import BLACK, BLUE, GREEN, ORANGE, SKY, VERMILION, styled

COLOURS = {
    "gradcheck_slow": ORANGE,
    "gradcheck_fast": VERMILION,
    "jax_direction": GREEN,
    "taylor_test": SKY,
    "complex_step": BLACK,
    "certify": BLUE,
}
MARKERS = dict(zip(COLOURS, "o^Dvxs", strict=True))
LABELS = {
    "gradcheck_slow": "gradcheck",
    "gradcheck_fast": "gradcheck, fast mode",
    "jax_direction": "JAX's check_grads",
    "taylor_test": "Taylor test",
    "complex_step": "complex step",
    "certify": "certify",
}
TITLES = {
    "sign": "a term with the wrong sign",
    "factor": "a factor of 1 + δ",
    "dropped_term": "a term left out",
    "kink_value": "a wrong value at a kink",
    "zeroed_tail": "zero in a tail",
    "transposed": "transposed",
    "shifted_index": "an index shifted by one",
}


@styled
def draw(checker_power: DataFrame) -> Figure:
    """A panel a mutation, a line a checker, and a panel of false alarms. Args: the table."""
    mutations = list(checker_power["mutation"].unique())
    figure, every_axes = grid_of_panels(
        len(mutations) + 1, xlabel="δ, the size of the error", ylabel="share"
    )
    told_apart = checker_power.assign(share=checker_power["told_apart"] / checker_power["trials"])
    for axes, mutation in zip(every_axes, mutations, strict=False):
        _draw_shares(axes, told_apart[told_apart["mutation"] == mutation])
        axes.set_title(TITLES[mutation])
    counts = checker_power.groupby(["checker", "delta"], sort=False)[["trials", "false_alarms"]]
    alarms = counts.sum().reset_index()
    _draw_shares(every_axes[-1], alarms.assign(share=alarms["false_alarms"] / alarms["trials"]))
    every_axes[-1].set_title("right, but called wrong", fontweight="bold")
    entitle(
        figure,
        "How many wrong gradients each checker notices",
        "last panel: its false alarms on the right gradients of the same functions",
    )
    legend_below(figure, distinct_handles(every_axes[:1]))
    return figure


def _draw_shares(axes: Axes, frame: DataFrame) -> None:
    """A line a checker. Args: frame with columns checker, delta and share."""
    for checker, rows in frame.groupby("checker", sort=False):
        name = str(checker)
        axes.semilogx(
            rows["delta"],
            rows["share"],
            color=COLOURS[name],
            marker=MARKERS[name],
            markersize=3.5,
            linewidth=1.2,
            label=LABELS[name],
        )
    axes.set_ylim(-0.04, 1.04)
