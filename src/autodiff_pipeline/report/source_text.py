"""Pieces of source text: captions, which are the docstrings of figures' modules, and definitions.

Modules are read, not imported: the workflow does this while it plans, and must not wait for torch.
"""

import ast
import re
import textwrap
from typing import NamedTuple


class Caption(NamedTuple):
    """The caption of a figure, in plain text."""

    title: str
    drawn: str  # what is drawn
    computed: str  # how it was computed
    seen: str  # what there is to see


_MARKUP = re.compile(r"[\\*|`_]")
_ALTERNATIVES = re.compile(r"\[([^][|]*)\|([^][|]*)\]")


def worded(text: str, is_measured: bool) -> str:
    """A text with one of each two alternatives: [of drawn data|of a user's own measurements]."""
    return _ALTERNATIVES.sub(lambda match: match[2 if is_measured else 1], text)


def caption(module: str, is_measured: bool = False) -> Caption:
    """The caption of a figure: the docstring of its module, a title and three paragraphs.

    Args: is_measured, which of two alternatives it says, as in `worded`.

    Raises ValueError where the docstring has another form.
    """
    docstring = worded(ast.get_docstring(ast.parse(module)) or "", is_measured)
    paragraphs = [" ".join(paragraph.split()) for paragraph in docstring.split("\n\n")]
    if len(paragraphs) != len(Caption._fields):
        raise ValueError(
            "the docstring of a figure's module is a title and three paragraphs (what is drawn, "
            f"how it was computed, what to see), not {len(paragraphs)}: {docstring!r}"
        )
    title, *rest = paragraphs
    return Caption(title.removesuffix("."), *rest)


def restructured(caption: Caption) -> str:
    """The caption in reStructuredText, in which none of its own characters is markup."""
    title, drawn, computed, seen = (_MARKUP.sub(r"\\\g<0>", text) for text in caption)
    return f"**{title}.** {drawn}\n\n*Computed:* {computed}\n\n*To see:* {seen}\n"


def definition(module: str, name: str) -> str:
    """The source of a function or class of a module, as it stands there, without docstrings.

    Raises ValueError where there is none of that name.
    """
    for node in ast.parse(module).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == name:
            break
    else:
        raise ValueError(f"there is no definition of {name}")
    lines = module.splitlines()
    left_out = {
        line
        for inner in ast.walk(node)
        if isinstance(inner, ast.FunctionDef | ast.ClassDef)
        and ast.get_docstring(inner) is not None
        for line in range(inner.body[0].lineno, (inner.body[0].end_lineno or 0) + 1)
    }
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    kept = [
        lines[number - 1]
        for number in range(first, (node.end_lineno or first) + 1)
        if number not in left_out
    ]
    return textwrap.dedent("\n".join(kept))
