"""One network learns.

Left, the data,[ the true model (dashed)|] and the curve of one small ReLU network before, during
and after training. Right, its loss by epoch, with the same moments marked. Each is drawn twice:
with the automatic gradient (wide, pale) and with the one derived by hand (thin).

Both runs start from the same parameters and repeat the same line, parameters minus learning rate
times gradient. Only the function that gives the gradient differs: torch.func.grad_and_value, or
backpropagation written out.[| Losses are in units of the variance of y.]

The thin lines lie in the middle of the wide ones at every moment: the two gradients lead the same
way. A ReLU network is a line with kinks; training first tilts it, then moves the kinks to where the
data bend.
"""

import math

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from pandas import DataFrame

from autodiff_pipeline.data.units import Unit, restored
from autodiff_pipeline.figures.layout import distinct_handles, entitle, legend_below, panels
from autodiff_pipeline.figures.theme import (
    BLUE,
    FLOOR,
    ORANGE,
    PURPLE,
    TRUTH,
    VERMILION,
    loss_label,
    name_axes,
    shortened,
    styled,
)

COLOURS = (PURPLE, VERMILION, ORANGE, BLUE)  # from before training to after it


@styled
def draw(
    trace: DataFrame,
    samples: DataFrame,
    *,
    true_model: str | None,
    noise_scale: float | None,
    units: dict[str, Unit],
) -> Figure:
    """The ReLU network of the minimization at four epochs, and where on its way these are.

    Args: trace, the losses and parameters by epoch of the two runs, with the automatic gradient
    and with the one by hand; samples with columns x, y and, if it is known, y_true; true_model and
    noise_scale, in the units of y, None where they are not known; units of x and y.
    """
    network = trace[trace["problem"] == "network"]
    runs = {
        gradient: network.pivot(index="epoch", columns="quantity", values=gradient)
        for gradient in ("automatic", "by_hand")
    }
    moments = _moments(runs["automatic"].index.to_numpy())
    figure, [[left, right]] = panels(1, 2, width=4.3, height=3.4, width_ratios=[3, 2])
    _draw_curves(left, runs, moments, samples, units)
    if true_model is not None:
        ordered = samples.sort_values("x")
        label = f"true model {shortened(true_model)}"
        left.plot(ordered["x"], ordered["y_true"], **TRUTH, label=label)
    left.set(**name_axes(units), title="the data, and the curve")
    _draw_losses(right, runs, moments)
    if noise_scale is not None:
        right.axhline(noise_scale**2, **FLOOR, label="noise variance")
    right.set(xlabel="epoch + 1", ylabel=loss_label(noise_scale is None), title="the loss")
    hidden_size = _units(runs["automatic"])
    entitle(
        figure,
        f"One network of {hidden_size} hidden unit{'s' * (hidden_size > 1)} learns",
        "wide and pale: with the automatic gradient; thin and dark, on top: with the one by hand",
    )
    legend_below(figure, distinct_handles([left, right]))
    return figure


def curve(parameters: DataFrame, epoch: int, x: ArrayLike) -> NDArray[numpy.float64]:
    """The network of one epoch at some x.

    Args: parameters, a row an epoch, with columns w0 w1 .. b0 .. v0 .. c0.
    """
    row = parameters.loc[epoch]
    units = range(_units(parameters))
    w, b, v = (numpy.array([row[f"{name}{unit}"] for unit in units]) for name in "wbv")
    active = numpy.maximum(numpy.multiply.outer(numpy.asarray(x), w) + b, 0)
    value: NDArray[numpy.float64] = row["c0"] + active @ v
    return value


def _units(parameters: DataFrame) -> int:
    return sum(str(name).startswith("w") for name in parameters)


def _moments(epochs: NDArray[numpy.int64]) -> list[int]:
    """The first epoch, the last, and what lies a third and two thirds between on a log scale."""
    wanted = [math.expm1(part * math.log1p(float(epochs[-1]))) for part in (0, 1 / 3, 2 / 3, 1)]
    nearest = [int(epochs[numpy.abs(epochs - epoch).argmin()]) for epoch in wanted]
    return list(dict.fromkeys(nearest))


def _draw_curves(
    axes: Axes,
    runs: dict[str, DataFrame],
    moments: list[int],
    samples: DataFrame,
    units: dict[str, Unit],
) -> None:
    points = DataFrame({axis: restored(samples[axis], units[axis]) for axis in "xy"})
    axes.scatter(points["x"], points["y"], s=5, color="0.75", linewidth=0, label="samples")
    x = numpy.linspace(samples["x"].min(), samples["x"].max(), 400)
    shown = restored(x, units["x"])
    for epoch, colour in zip(moments, _colours(moments), strict=True):
        label = f"after {epoch:,} epoch{'s' * (epoch != 1)}" if epoch else "before training"
        automatic, by_hand = (
            restored(curve(runs[gradient], epoch, x), units["y"])
            for gradient in ("automatic", "by_hand")
        )
        axes.plot(shown, automatic, color=colour, lw=4.5, alpha=0.35)
        axes.plot(shown, by_hand, color=colour, lw=1.3, label=label)


def _draw_losses(axes: Axes, runs: dict[str, DataFrame], moments: list[int]) -> None:
    for gradient, width, alpha in (("automatic", 4.5, 0.35), ("by_hand", 1.3, 1.0)):
        losses = runs[gradient]["loss"]
        axes.loglog(losses.index + 1, losses, color="0.25", linewidth=width, alpha=alpha)
    for epoch, colour in zip(moments, _colours(moments), strict=True):
        axes.plot(
            [epoch + 1], runs["by_hand"]["loss"].loc[[epoch]], "o", color=colour, markersize=7
        )


def _colours(moments: list[int]) -> list[str]:
    return [*COLOURS[: len(moments) - 1], COLOURS[-1]] if len(moments) > 1 else [COLOURS[0]]
