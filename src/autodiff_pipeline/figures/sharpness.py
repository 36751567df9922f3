"""The sharpness along gradient descent, against the learning rate it allows."""

from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.figures.look import (
    BLUE,
    TRUTH,
    VERMILION,
    grid_of_panels,
    hidden_units,
    styled,
)


@styled
def draw(sharpness: DataFrame, *, learning_rate: float) -> Figure:
    """Median, quartiles and largest sharpness by epoch, with 2 / learning_rate.

    Args: sharpness, the table. Networks that diverged are drawn apart: one below the line was
    predicted to be stable.
    """
    hidden_sizes = sorted(sharpness["hidden_size"].unique())
    figure, every_axes = grid_of_panels(
        len(hidden_sizes), xlabel="epoch + 1", ylabel="sharpness (largest curvature)"
    )
    for hidden_size, axes in zip(hidden_sizes, every_axes, strict=True):
        panel = sharpness[sharpness["hidden_size"] == hidden_size]
        for status, colour in (("trained", BLUE), ("diverged", VERMILION)):
            frame = panel[panel["status"] == status]
            if frame.empty:
                continue
            epochs = frame["epoch"] + 1
            axes.plot(epochs, frame["median"], color=colour, label=f"{status}: median, quartiles")
            axes.plot(epochs, frame["largest"], color=colour, lw=0.9, ls=":", label="largest")
            axes.fill_between(epochs, frame["q25"], frame["q75"], color=colour, alpha=0.2, lw=0)
        axes.axhline(2 / learning_rate, **TRUTH, label="2 / learning rate: unstable above")
        axes.set(xscale="log", yscale="log", title=hidden_units(hidden_size))
    lines = {
        (str(line.get_label()), line.get_color()): line
        for axes in every_axes
        for line in axes.get_lines()
    }
    figure.legend(
        list(lines.values()),
        [label for label, _ in lines],
        loc="outside lower center",
        ncols=len(lines),
    )
    figure.suptitle("Sharpness along plain gradient descent")
    return figure
