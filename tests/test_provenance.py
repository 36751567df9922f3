import pytest

from autodiff_pipeline.provenance import import_closure

MODULES = {
    "package": "",
    "package.network": "import torch\nfrom package import randomness",
    "package.randomness": "import numpy",
    "package.figures": "",
    "package.figures.look": "",
    "package.figures.fits": "from package.figures.look import panels",
    "package.loop": "def later():\n    import package.network",
    "package.circular": "import package.circular",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import json", set()),
        ("import package.randomness", {"package", "package.randomness"}),
        ("from package import randomness", {"package", "package.randomness"}),
        (
            "from package.network import apply",
            {"package", "package.network", "package.randomness"},
        ),
        (
            "from package.figures import fits",
            {"package", "package.figures", "package.figures.look", "package.figures.fits"},
        ),
        (
            "import package.loop as loop",
            {"package", "package.loop", "package.network", "package.randomness"},
        ),
        ("import package.circular", {"package", "package.circular"}),
    ],
)
def test_closure(source, expected):
    assert import_closure(source, MODULES) == expected


def test_relative_imports_are_refused():
    with pytest.raises(ValueError, match="full name"):
        import_closure("from . import sibling", MODULES)
