"""How long a step takes.

Microseconds per network and step on one core, by number of networks and of samples, with one line
per engine. Dotted lines use the automatic gradient instead of the one by hand.

Engines and peers train the same networks on the same data, taking turns; each point is the median
of several repeats.

Where a line falls, networks share a cost; where it stays flat as samples grow, a step makes no pass
over the data.
"""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, legend_below, panels
from autodiff_pipeline.figures.theme import BLACK, BLUE, GREEN, ORANGE, PURPLE, VERMILION, styled

COLOURS = (BLUE, GREEN, VERMILION, ORANGE, PURPLE, BLACK)
MARKERS = "o^Dvx+"
AUTOMATIC = ", automatic"  # ends the name of an engine whose gradient is not by hand


@styled
def draw(benchmark: DataFrame, *, samples: int, few_networks: int) -> Figure:
    """Microseconds per network and step, with one line per engine.

    Args: benchmark, the table; samples, the points of the panels by networks; few_networks, the
    networks of the panel by samples. Engines keep their colour in every panel; their lines are
    dotted where their gradient is automatic.
    """
    names = benchmark["engine"].unique()
    engines = list(dict.fromkeys(name.removesuffix(AUTOMATIC) for name in names))
    figure, [axes] = panels(1, 3, height=3.2, sharey=True)
    of_size = benchmark[benchmark["samples"] == samples]
    relu = benchmark["activation"] == "relu"
    few = relu & (benchmark["networks"] == few_networks)
    series = (
        ("networks", of_size[of_size["activation"] == "relu"], f"ReLU, {samples:,} samples"),
        ("samples", benchmark[few], f"ReLU, {few_networks} networks"),
        ("networks", of_size[of_size["activation"] == "tanh"], f"tanh, {samples:,} samples"),
    )
    for panel, (along, frame, title) in zip(axes, series, strict=True):
        for name in names:
            line = frame[frame["engine"] == name].sort_values(along)
            number = engines.index(name.removesuffix(AUTOMATIC))
            panel.loglog(
                line[along],
                line["microseconds"],
                linestyle=":" if name.endswith(AUTOMATIC) else "-",
                color=COLOURS[number],
                marker=MARKERS[number],
                markersize=4,
                label=name,
            )
        panel.set(xlabel=f"number of {along}", title=title)
    axes[0].set_ylabel("µs per network and step, one core")
    hidden_size = benchmark["hidden_size"].iloc[0]
    entitle(figure, f"Training networks with {hidden_size} hidden units: engines and peers")
    legend_below(figure)
    return figure
