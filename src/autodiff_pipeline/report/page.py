"""The page: one HTML file that contains all it shows and loads nothing from any network."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pandas import DataFrame
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autodiff_pipeline.report.answers import answers
from autodiff_pipeline.report.lesson import lesson
from autodiff_pipeline.report.pictures import Picture, embedded
from autodiff_pipeline.report.sections import SECTIONS
from autodiff_pipeline.report.source_text import Caption
from autodiff_pipeline.report.table_view import TableView, table_views

PICTURES, ROWS = 2_800_000, 1_900_000  # characters that all pictures may take, and all tables


class Shown(NamedTuple):
    """A figure on the page."""

    name: str
    caption: Caption
    picture: Picture
    is_explained: bool  # by the caption of the figure before


class Tabulated(NamedTuple):
    """A table on the page."""

    name: str
    text: str
    view: TableView
    rows: int


class Table(NamedTuple):
    """A table, or its first rows, to be shown."""

    text: str  # what a row is
    section: str
    frame: DataFrame
    rows: int  # of the whole table


class Figure(NamedTuple):
    """A figure to be shown."""

    caption: Caption
    section: str
    png: bytes


def page(
    *,
    figures: Mapping[str, Figure],
    tables: Mapping[str, Table],
    sources: Mapping[str, str],
    configuration: str,
    versions: Mapping[str, str],
    commit: str | None,
    measurements: str | None = None,
    threads: int = 1,
) -> str:
    """The page as HTML.

    Args: figures and tables by name, in reading order, each of a section in SECTIONS; sources, the
    definitions that the lesson shows, module:name; configuration, YAML; versions of packages by
    name; commit, of the code, if it is known; measurements, the name of the file that networks
    learned from, if the data were not drawn; threads to work in. What is missing is left out.
    """
    steps_of_lesson = lesson(measurements is not None)
    pictures = embedded({name: figure.png for name, figure in figures.items()}, PICTURES, threads)
    views = table_views({name: table.frame for name, table in tables.items()}, ROWS)
    captions = [figures[name].caption for name in pictures]
    explained = [False, *(a._replace(title=b.title) == b for a, b in pairwise(captions))]
    shown = {
        name: Shown(name, figures[name].caption, picture, is_explained)
        for (name, picture), is_explained in zip(pictures.items(), explained, strict=False)
    }
    steps = [
        {"step": step, "figure": shown.get(step.figure), "code": _code(step.definitions, sources)}
        for step in steps_of_lesson
    ]
    in_steps = {step.figure for step in steps_of_lesson}
    chapters = [
        {
            "key": key,
            "section": section,
            "steps": steps if key == "lesson" else [],
            "figures": [
                shown[name]
                for name, figure in figures.items()
                if figure.section == key and name not in in_steps
            ],
            "tables": [
                Tabulated(name, table.text, views[name], table.rows)
                for name, table in tables.items()
                if table.section == key
            ],
        }
        for key, section in SECTIONS.items()
    ]
    return (
        _environment()
        .get_template("page.html")
        .render(
            answers=answers({name: table.frame for name, table in tables.items()}),
            chapters=[c for c in chapters if c["steps"] or c["figures"] or c["tables"]],
            configuration=configuration,
            versions=versions,
            commit=commit,
            measurements=measurements,
        )
    )


def _code(definitions: tuple[str, ...], sources: Mapping[str, str]) -> list[dict[str, Any]]:
    formatter = HtmlFormatter(nowrap=True)
    return [
        {
            "path": "src/autodiff_pipeline/" + name.split(":")[0].replace(".", "/") + ".py",
            "html": Markup(highlight(sources[name], PythonLexer(), formatter)),
        }
        for name in definitions
        if name in sources
    ]


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autodiff_pipeline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["numbers"] = _numbers
    environment.filters["readable"] = lambda name: name.replace("_", " ")
    return environment


_NUMBER = re.compile(r"(?<![\w.-])(-?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?)(?![\w]| %)")


def _numbers(text: str) -> Markup:
    """The text with its numbers set in bold."""
    pieces = _NUMBER.split(text)
    return Markup("").join(
        Markup("<strong>{}</strong>").format(piece) if index % 2 else piece
        for index, piece in enumerate(pieces)
    )
