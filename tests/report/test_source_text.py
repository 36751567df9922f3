"""Captions and definitions are read from source text, as they stand there."""

import inspect
from pathlib import Path

import docutils.core
import pytest
from report.pages import module_text, sources

from autodiff_pipeline import figures
from autodiff_pipeline.networks.network import apply
from autodiff_pipeline.report.source_text import Caption, caption, definition, restructured, worded

FIGURES = [
    path.stem
    for path in Path(figures.__file__).parent.glob("*.py")
    if "def draw(" in path.read_text()
]


@pytest.mark.parametrize("is_measured", [False, True])
@pytest.mark.parametrize("name", FIGURES)
def test_every_figure_has_a_caption(name, is_measured):
    title, *paragraphs = caption(module_text(f"figures.{name}"), is_measured)
    assert 0 < len(title) < 60
    assert all(len(paragraph) > 60 for paragraph in paragraphs)
    assert not any("`" in paragraph or "  " in paragraph for paragraph in paragraphs)
    assert not any("[" in text or "]" in text for text in (title, *paragraphs))
    assert all(text.rstrip()[-1] in ".:" for text in paragraphs)


def test_of_two_alternatives_one_is_said():
    text = "A [drawn|measured] thing[, and more|]: f([0, 1]) = |x|."
    assert worded(text, is_measured=False) == "A drawn thing, and more: f([0, 1]) = |x|."
    assert worded(text, is_measured=True) == "A measured thing: f([0, 1]) = |x|."


def test_nothing_of_a_caption_is_markup():
    text = restructured(Caption("A *b*", "|f| and c_d_", "`x`", "\\n: 2 ** 3_"))
    shown = [each.astext() for each in docutils.core.publish_doctree(text).children]
    assert shown == ["A *b*. |f| and c_d_", "Computed: `x`", "To see: \\n: 2 ** 3_"]


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
