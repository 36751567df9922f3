"""The order of rooms: each imports only what stands below it (`[tool.importlinter]`)."""

from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]


def test_each_room_imports_only_what_stands_below_it(capsys):
    assert lint_imports(str(ROOT / "pyproject.toml")) == 0, capsys.readouterr().out
