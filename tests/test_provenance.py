import textwrap

import pytest

from autodiff_pipeline.provenance import import_closure, read_module

MODULES = {
    name: read_module(text)
    for name, text in {
        "package": "",
        "package.network": "import torch\nfrom package import randomness",
        "package.randomness": "import numpy",
        "package.figures": "",
        "package.figures.theme": "",
        "package.figures.fits": "from package.figures.theme import panels",
        "package.loop": "def later():\n    import package.network",
        "package.circular": "import package.circular",
        "script": "from package.figures import fits",
    }.items()
}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["json"], set()),
        (["package.randomness"], {"package", "package.randomness"}),
        (["package.network"], {"package", "package.network", "package.randomness"}),
        (
            ["script"],
            {"script", "package", "package.figures", "package.figures.theme"}
            | {"package.figures.fits"},
        ),
        (
            ["package.loop", "json"],
            {"package", "package.loop", "package.network", "package.randomness"},
        ),
        (["package.circular"], {"package", "package.circular"}),
    ],
)
def test_closure(names, expected):
    assert import_closure(names, MODULES) == expected


def test_relative_imports_are_refused():
    with pytest.raises(ValueError, match="full name"):
        read_module("from . import sibling")


CODE = '''
    """What it does."""

    RATE = 0.5  # of learning


    class Step:
        """A step."""

        length: float = 1.0


    def step(x, y=2):
        """Half of it."""
        return {"of": x * RATE, "text": "a # b"}
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # of learning", ""),
        ('    """What it does."""', '    # nothing\n    """Does it."""'),
        ("Half of it.", "A half."),
        ('        """Half of it."""\n', ""),
        ('        """A step."""\n\n', ""),
        ("\n\n    def", "\n    def"),
        ("(x, y=2)", "(\n        x,\n        y=2,\n    )"),
        ('"text"', "'text'"),
        ("x * RATE", "(x * RATE)"),
    ],
)
def test_only_the_code_counts(old, new):
    assert old in CODE
    before, after = (textwrap.dedent(text) for text in (CODE, CODE.replace(old, new)))
    assert before != after
    assert read_module(before).digest == read_module(after).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.5", "0.25"), ("y=2", "y=3"), ("a # b", "a # c"), ("x * RATE", "RATE * x"), ("1.0", "1")],
)
def test_every_number_text_and_operation_counts(old, new):
    before, after = (textwrap.dedent(text) for text in (CODE, CODE.replace(old, new)))
    assert read_module(before).digest != read_module(after).digest
