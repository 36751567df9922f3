"""Captions and definitions are read from source text, as they stand there."""

import inspect
from pathlib import Path

import pytest
from report.pages import module_text, sources

from autodiff_pipeline import figures
from autodiff_pipeline.networks.network import apply
from autodiff_pipeline.report.source_text import caption, definition

FIGURES = [
    path.stem
    for path in Path(figures.__file__).parent.glob("*.py")
    if path.stem not in ("__init__", "theme")
]


@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_caption(name):
    title, *paragraphs = caption(module_text(f"figures.{name}"))
    assert 0 < len(title) < 60
    assert all(len(paragraph) > 60 for paragraph in paragraphs)
    assert not any("`" in paragraph or "  " in paragraph for paragraph in paragraphs)


def test_a_figure_without_a_caption_is_told_what_is_missing():
    with pytest.raises(ValueError, match="a title and three paragraphs"):
        caption('"""Nothing but a title."""\n')


def test_definitions_that_the_lesson_shows_are_there_and_short():
    for text in sources().values():
        assert text.startswith(("def ", "class "))
        assert '"""' not in text
        assert len(text.splitlines()) < 25


def test_a_definition_is_its_source_without_docstrings():
    shown = definition(module_text("networks.network"), "apply")
    lines = inspect.getsource(apply).rstrip().splitlines()
    start, end = (number for number, line in enumerate(lines) if '"""' in line)
    assert shown.splitlines() == lines[:start] + lines[end + 1 :]


def test_a_definition_that_is_not_there():
    with pytest.raises(ValueError, match="no definition of nothing"):
        definition("x = 1\n", "nothing")
