"""A page of a few figures and tables, made of frames of an extreme configuration."""

from importlib import import_module
from pathlib import Path

import numpy
from figures import extremes
from pandas import DataFrame

import autodiff_pipeline
from autodiff_pipeline.figures.theme import picture
from autodiff_pipeline.report.lesson import definitions
from autodiff_pipeline.report.page import Figure, Table, page
from autodiff_pipeline.report.source_text import caption, definition

PACKAGE = Path(autodiff_pipeline.__file__).parent
EXTREME = "16 bits only"
SECTION_OF = {"data": "lesson", "lesson": "lesson", "fits": "training", "seeds": "statistics"}


def module_text(name):
    return (PACKAGE / f"{name.replace('.', '/')}.py").read_text()


def figure(name):
    drawn = import_module(f"autodiff_pipeline.figures.{name}").draw(
        **extremes.arguments(name, extremes.EXTREMES[EXTREME])
    )
    return Figure(caption(module_text(f"figures.{name}")), SECTION_OF[name], picture(drawn, "png"))


def table(frame, section="statistics"):
    return Table("One row per thing.", section, frame, len(frame))


def figures():
    return {name: figure(name) for name in SECTION_OF}


def networks(count=120):
    """A table of which the order is known: excess_risk falls while the rank of the name rises."""
    risks = numpy.geomspace(1e3, 1e-9, count)
    risks[3], risks[4] = numpy.inf, numpy.nan
    return DataFrame(
        {
            "optimizer": ["adam", "momentum", "<b>bold</b>"] * (count // 3),
            "hidden_size": numpy.arange(count) % 7 + 1,
            "excess_risk": risks,
        }
    )


def sources():
    return {
        place: definition(module_text(place.split(":")[0]), place.split(":")[1])
        for place in definitions(is_measured=False)
    }


def made(**changes):
    """The page, with some of its parts exchanged."""
    parts = {
        "figures": {},
        "tables": {},
        "sources": sources(),
        "configuration": "root_seed: 1\n",
        "versions": {"torch": "2.13.0"},
        "commit": "0123456789ab",
    }
    return page(**{**parts, **changes})
