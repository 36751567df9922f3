"""The page: one HTML file that holds all it shows, and asks nothing of any network."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pandas import DataFrame
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from autodiff_pipeline.report.answers import answers
from autodiff_pipeline.report.lesson import LESSON
from autodiff_pipeline.report.pictures import Picture, embedded
from autodiff_pipeline.report.source_text import Caption
from autodiff_pipeline.report.table_view import TableView, table_views

PICTURES, ROWS = 2_800_000, 1_900_000  # characters that all pictures may take, and all tables

# In reading order: the sections after the lesson, each by a name, a question, and what it is about.
SECTIONS = {
    "derivatives": (
        "Derivatives",
        "Are the derivatives right?",
        "Every way to a derivative is held against certified truth, in units in the last place: "
        "half a unit is the best that rounding allows.",
    ),
    "gradients": (
        "Gradients",
        "Are the gradients right?",
        "The gradients of whole networks: methods against each other, and how much of a wrong "
        "gradient the usual checks would notice.",
    ),
    "training": (
        "Training",
        "What do networks learn?",
        "Networks of one hidden layer, trained on whole data sets by iterations written by hand.",
    ),
    "statistics": (
        "Statistics",
        "What holds over all seeds?",
        "Networks that differ in nothing but their seeds end in different places. What is said "
        "here is said of all of them, with intervals.",
    ),
    "lesson": ("Numbers", "What are the numbers of the lesson?", "The tables behind its figures."),
}


class Shown(NamedTuple):
    """A figure on the page."""

    name: str
    caption: Caption
    picture: Picture


class Tabulated(NamedTuple):
    """A table on the page."""

    name: str
    text: str
    view: TableView


def page(
    *,
    pngs: Mapping[str, bytes],
    captions: Mapping[str, Caption],
    tables: Mapping[str, DataFrame],
    descriptions: Mapping[str, str],
    sections: Mapping[str, list[str]],
    sources: Mapping[str, str],
    configuration: str,
    versions: Mapping[str, str],
    commit: str | None,
) -> str:
    """The page as HTML.

    Args: pngs and captions, the figures by name; tables and descriptions, the tables by name;
    sections, the names of figures and tables of each section in SECTIONS, in order; sources, the
    definitions that the lesson shows, module:name; configuration, YAML; versions of packages by
    name; commit, of the code, if it is known. What is not there is left out.
    """
    pictures = embedded(pngs, PICTURES)
    figures = {name: Shown(name, captions[name], picture) for name, picture in pictures.items()}
    steps = [
        {"step": step, "figure": figures.get(step.figure), "code": _code(step.definitions, sources)}
        for step in LESSON
    ]
    views = table_views(tables, ROWS)
    in_lesson = {step.figure for step in LESSON}
    chapters = [
        {
            "key": key if key != "lesson" else "numbers",
            "name": name,
            "title": title,
            "introduction": introduction,
            "figures": [
                figures[figure]
                for figure in sections.get(key, [])
                if figure in figures and figure not in in_lesson
            ],
            "tables": [
                Tabulated(table, descriptions[table], views[table])
                for table in sections.get(key, [])
                if table in views
            ],
        }
        for key, (name, title, introduction) in SECTIONS.items()
    ]
    return (
        _environment()
        .get_template("page.html")
        .render(
            answers=answers(tables),
            steps=steps,
            chapters=[c for c in chapters if c["figures"] or c["tables"]],
            configuration=configuration,
            versions=versions,
            commit=commit,
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
