"""The theme: every figure holds together whatever it has to show, in colours that all can tell."""

import itertools
import re
import warnings
from importlib import import_module
from pathlib import Path

import numpy
import pytest
from figures.extremes import EXTREMES, arguments
from matplotlib.colors import to_rgb

from autodiff_pipeline import figures
from autodiff_pipeline.figures import (
    checker_power,
    derivative_atlas,
    derivative_step_sizes,
    derivative_ulp,
    error_decomposition,
    labelled_lines,
    lesson,
    theme,
)
from autodiff_pipeline.figures.theme import picture

FIGURES = sorted(
    path.stem
    for path in Path(figures.__file__).parent.glob("*.py")
    if "def draw(" in path.read_text()
)
REGISTRY = Path(__file__).parents[2] / "workflow/rules/figures.smk"


def drawn(name, extreme):
    draw = import_module(f"autodiff_pipeline.figures.{name}").draw
    return draw(**arguments(name, EXTREMES[extreme]))


def test_every_figure_is_in_the_registry():
    entries = r'^    "(\w+)": \{|FIGURES(?:_ASKED_FOR)?\["(\w+)"\]|"module": "(\w+)"'
    registered = re.findall(entries, REGISTRY.read_text(), re.M)
    assert sorted("".join(names) for names in registered) == FIGURES


LONG = ("convergence", "twenty of everything")  # twenty panels with two logarithmic axes
CASES = [
    pytest.param(name, extreme, marks=[pytest.mark.slow] if (name, extreme) == LONG else [])
    for name, extreme in itertools.product(FIGURES, EXTREMES)
    if "benchmark" not in name or extreme == "one of everything"  # its cases are always the same
]


@pytest.mark.parametrize(("name", "extreme"), CASES)
def test_nothing_leaves_its_figure(name, extreme):
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*constrained_layout not applied")
        figure = drawn(name, extreme)
        figure.draw_without_rendering()
        used = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    slack = 0.02  # inches
    assert used.x0 >= -slack, "cut off at the left"
    assert used.y0 >= -slack, "cut off below"
    assert used.x1 <= width + slack, "cut off at the right"
    assert used.y1 <= height + slack, "cut off above"
    for axes in figure.axes:
        extent = axes.get_window_extent()
        assert min(extent.width, extent.height) > 0.1 * figure.dpi, "a panel has no room"
    assert max(width, height) < 40


@pytest.mark.parametrize("name", FIGURES)
def test_svg_is_light_and_the_same_when_drawn_again(name):
    once, again = (picture(drawn(name, "one of everything"), "svg") for _ in range(2))
    assert once == again
    assert not re.search(rb' d="[^"]*[.]\d{2}', once), "finer than can be seen"
    assert len(once) < 300_000


def test_thousands_of_points_are_a_picture_within_the_svg():
    svg = picture(drawn("data", "twenty of everything"), "svg")
    assert svg.count(b"<use") < 500
    assert 1 <= svg.count(b"<image") <= 2, "the points, not the ticks"


# Machado, Oliveira & Fernandes (2009), severity 1: linear RGB as it is seen with each dichromacy.
BLINDNESS = {
    "none": numpy.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# Ottosson (2020): linear sRGB to the responses of cones, and their cube roots to OKLab.
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def seen(colour, blindness):
    """A colour as it is seen, in OKLab: distances are those of perception, white to black 1."""
    rgb = numpy.array(to_rgb(colour))
    linear = numpy.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = numpy.clip(BLINDNESS[blindness] @ linear, 0, 1)
    return TO_LAB @ numpy.cbrt(TO_CONES @ linear)


def test_distances_of_perception_are_those_of_the_standard():
    assert seen("white", "none") == pytest.approx([1, 0, 0], abs=1e-6)
    assert seen("red", "none") == pytest.approx([0.627955, 0.224863, 0.125846], abs=1e-5)
    red, green = (seen(colour, "deuteranopia") for colour in ("#cc3311", "#6b7d11"))
    normal = [seen(colour, "none") for colour in ("#cc3311", "#6b7d11")]
    assert numpy.linalg.norm(red - green) < 0.5 * numpy.linalg.norm(normal[0] - normal[1])


def palettes():
    return {
        "optimizers": list(theme.OPTIMIZER_COLOURS.values()),
        "dtypes": list(theme.DTYPE_COLOURS.values()),
        "seven hidden sizes": list(theme.hidden_size_colours(range(1, 8)).values()),
        "schemes": list(derivative_step_sizes.COLOURS.values()),
        "methods": [colour for _, colour in derivative_ulp.METHODS.values()],
        "classes of error": derivative_atlas.COLOURS,
        "terms of the risk": list(error_decomposition.COLOURS.values()),
        "before and after": lesson.COLOURS,
        "checkers": list(checker_power.COLOURS.values()),
    }


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("palette", palettes())
def test_colours_of_a_palette_can_be_told_apart(palette, blindness):
    colours = [seen(colour, blindness) for colour in palettes()[palette]]
    distances = {
        (one, other): float(numpy.linalg.norm(colours[one] - colours[other]))
        for one, other in itertools.combinations(range(len(colours)), 2)
    }
    pair = min(distances, key=distances.get)
    assert distances[pair] > 0.08, f"{[palettes()[palette][place] for place in pair]}"


def test_labels_at_ends_are_apart_and_in_order():
    places = labelled_lines._apart([10.0, 10.0, 11.0, 50.0], 5.0, (0.0, 60.0))
    assert numpy.diff(places) == pytest.approx([5, 5, places[3] - places[2]])
    assert places[3] == 50
    assert numpy.mean(places[:3]) == pytest.approx(31 / 3)
    assert labelled_lines._apart([50.0, 50.0], 5.0, (0.0, 50.0)).tolist() == [45, 50]
