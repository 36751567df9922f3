"""Where luck lies.

Each cell is a network, each panel an optimizer; rows are numbers of hidden units, and columns are
pairs of a data seed and an initial seed. The colour is the [excess risk|held-out loss]; white is a
network that diverged.

Columns are ordered by data seed, then by initial seed, and white lines separate the data seeds. All
panels share one logarithmic scale.

Blocks of one colour between white lines mean that the data decide; stripes within a block mean that
the start does.[ Small networks show stripes, large ones blocks.|]
"""

import numpy
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.layout import entitle, panels
from autodiff_pipeline.figures.theme import readable, styled
from autodiff_pipeline.tables.measures import MEASURES, measure_of

COLOURBAR = 0.14  # inches: its width, about
MOST_LABELS = 30  # data seeds that can be told apart along the axis


@styled
def draw(networks: DataFrame) -> Figure:
    """One panel per optimizer; a row is a hidden size, a column a network's pair of seeds.

    Args: networks, the table. Columns are ordered by data seed, then by initial seed; white is a
    network that diverged.
    """
    optimizers = list(networks["optimizer"].unique())
    height = max(1.4, 0.4 + 0.14 * networks["hidden_size"].nunique())
    figure, rows = panels(len(optimizers), 1, width=8, height=height, sharex=True)
    trained = networks[networks["status"] == "trained"]
    measure = measure_of(networks)
    risk = trained[measure]
    norm = LogNorm(float(risk.min()), float(risk.quantile(0.99))) if len(risk) else None
    for optimizer, [axes] in zip(optimizers, rows, strict=True):
        frame = networks[networks["optimizer"] == optimizer].copy()
        frame[measure] = frame[measure].where(frame["status"] == "trained")
        table = frame.pivot(
            index="hidden_size", columns=["data_seed", "init_seed"], values=measure
        ).sort_index(axis=1)
        image = axes.pcolormesh(table.to_numpy(), norm=norm, cmap="cividis")
        axes.set_yticks(numpy.arange(len(table)) + 0.5, table.index)
        axes.set(title=readable(optimizer), ylabel="hidden units")
        axes.tick_params(length=0, labelsize=8)
        data_seeds = table.columns.get_level_values("data_seed")
        starts = numpy.flatnonzero(~data_seeds.duplicated())
        labelled = starts[:: -(-len(starts) // MOST_LABELS)]
        middle = len(data_seeds) / len(starts) / 2  # of the columns of a data seed
        axes.set_xticks(labelled + middle, data_seeds[labelled])
        if len(starts) <= MOST_LABELS:  # more lines would hide the networks between them
            axes.vlines(starts[1:], *axes.get_ylim(), color="white", linewidth=0.8)
    axes.set_xlabel("data seed, and within it one column per initial seed")
    figure.colorbar(
        image,
        ax=[row[0] for row in rows],
        label=MEASURES[measure],
        extend="max",
        aspect=0.6 * height * len(optimizers) / COLOURBAR,
    )
    white = " (white: diverged)" if len(trained) < len(networks) else ""
    entitle(figure, f"{MEASURES[measure].capitalize()} of every network{white}")
    return figure
