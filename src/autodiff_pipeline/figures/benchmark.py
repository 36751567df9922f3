"""How long engines and peers take, by number of networks and by number of samples."""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.look import (
    BLACK,
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    panels,
    styled,
)

COLOURS = (BLUE, SKY, GREEN, VERMILION, ORANGE, PURPLE, BLACK)
MARKERS = "os^Dvx+"


@styled
def draw(benchmark: DataFrame, *, samples: int, few_networks: int) -> Figure:
    """Microseconds per network and step, a line an engine.

    Args: benchmark, the table; samples, the points of the panel by networks; few_networks, the
    networks of the panel by samples. Engines are drawn in the order of the table.
    """
    figure, [[by_networks, by_samples]] = panels(1, 2, height=3.6, sharey=True)
    for axes, along, frame, title in (
        (by_networks, "networks", benchmark[benchmark["samples"] == samples], f"{samples} samples"),
        (
            by_samples,
            "samples",
            benchmark[benchmark["networks"] == few_networks],
            f"{few_networks} network{'s' if few_networks > 1 else ''}",
        ),
    ):
        for index, engine in enumerate(benchmark["engine"].unique()):
            line = frame[frame["engine"] == engine].sort_values(along)
            colour, marker = COLOURS[index % len(COLOURS)], MARKERS[index % len(MARKERS)]
            axes.loglog(
                line[along], line["microseconds"], color=colour, marker=marker, ms=4, label=engine
            )
        axes.set(xlabel=f"number of {along}", title=title)
    by_networks.set_ylabel("µs per network and step, one core")
    figure.legend(*by_networks.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    hidden_size = benchmark["hidden_size"].iloc[0]
    figure.suptitle(f"Training networks with {hidden_size} hidden units: engines and peers")
    return figure
