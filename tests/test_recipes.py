"""The recipes of `.github/CONTRIBUTING.md`, followed word for word in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pandas
import pytest
from project import ROOT, SMALL, Project

TEXT = (ROOT / ".github/CONTRIBUTING.md").read_text()
RECIPES = dict(re.findall(r"^### An? (\w+)$(.*?)(?=^### |\Z)", TEXT, re.MULTILINE | re.DOTALL))
QUICK = [name for name in RECIPES if "pytest " in RECIPES[name]]


SCHEMA = "workflow/schemas/config.schema.json"


class Edit(NamedTuple):
    """What a recipe puts where: above or below a line, at the end, or in a new file."""

    path: str
    place: str
    line: str
    text: str


def edits(recipe):
    """Every edit of a recipe, in order."""
    words = recipe.replace("\n", " ")  # sentences are broken into lines
    found = re.finditer(
        r"(In|a new file) `(\S+?)`(?:, (above|below) the line that begins with `([^`]+)`"
        r"|, (at the end))?: +```(?:python|yaml)",
        words,
        re.IGNORECASE,
    )
    for match in found:
        start, path, side, line, end = match.groups()
        code = recipe[match.end() + 1 : recipe.index("```", match.end())]
        yield Edit(path, side or end or start.lower(), line, code)


def commands(recipe):
    (block,) = re.findall(r"```sh\n(.*?)```", recipe, re.DOTALL)
    return block.replace("\\\n", " ").splitlines()


def follow(recipe, root):
    """Make every edit of a recipe."""
    for edit in edits(recipe):
        file = root / edit.path
        if edit.place == "a new file":
            assert not file.exists()
            file.write_text(edit.text)
            continue
        lines = file.read_text().splitlines(keepends=True)
        if edit.place == "at the end":
            lines += ["\n\n", edit.text]
        else:
            (at,) = [n for n, line in enumerate(lines) if line.strip().startswith(edit.line)]
            lines.insert(at + (edit.place == "below"), edit.text)
        file.write_text("".join(lines))


def run(command, root):
    """A line of a recipe in the copy, with this Python's programs and the copy's package."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=root,
        env={
            **environment,
            "PATH": programs,
            "PYTHONPATH": str(root / "src"),
            "PYTEST_ADDOPTS": "-n 0 -q -p no:cacheprovider",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.fixture
def sources(tmp_path):
    """A copy of all that recipes touch and run."""
    ignored = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache")
    for name in ("src", "tests", "workflow"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("Snakefile", "config.yaml", "pyproject.toml"):
        shutil.copy2(ROOT / name, tmp_path / name)
    return Project(tmp_path)


def test_there_is_a_recipe_for_everything():
    assert list(RECIPES) == ("function operator activation optimizer method table figure".split())


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_block_of_code_of_a_recipe_is_an_edit(recipe):
    blocks = re.findall(r"```(?:python|yaml)\n(.*?)```", RECIPES[recipe], re.DOTALL)
    assert [edit.text for edit in edits(RECIPES[recipe])] == blocks


@pytest.mark.parametrize("recipe", ["table", "figure"])
def test_a_table_or_a_figure_touches_two_files(recipe):
    assert len({edit.path for edit in edits(RECIPES[recipe])}) == 2


@pytest.mark.slow
@pytest.mark.parametrize("recipe", QUICK)
def test_a_recipe_leaves_the_tests_green_that_it_names(recipe, sources):
    follow(RECIPES[recipe], sources.root)
    schema = sources.root / SCHEMA
    before = schema.read_text()
    for command in commands(RECIPES[recipe]):
        if not command.startswith("snakemake"):
            run(command, sources.root)
    assert (schema.read_text() != before) == (SCHEMA in RECIPES[recipe])  # it takes every command


def test_the_figure_it_shows_counts_every_network():
    (code,) = [edit.text for edit in edits(RECIPES["figure"]) if edit.place == "a new file"]
    names = {}
    exec(code, names)
    frame = pandas.DataFrame({"train_loss": [4.0, 5.0, 6.0], "optimizer": ["adam"] * 3})
    (axes,) = names["draw"](frame).axes
    assert sum(patch.get_height() for patch in axes.patches) == len(frame)


@pytest.mark.workflow
@pytest.mark.slow
def test_all_recipes_together_make_what_they_promise(sources):
    for recipe in RECIPES.values():
        follow(recipe, sources.root)
    training = {
        **SMALL["training"],
        "hidden_sizes": [2],
        "activation": "mish",
        "optimizers": {
            "gradient_descent": None,
            "momentum": None,
            "nesterov": {"learning_rate": 1e-3},
        },
    }
    made = sources.snakemake(
        "--",
        "results/tables/derivative_accuracy.csv",
        "results/tables/divergence.csv",
        "results/figures/histogram.svg",
        "results/figures/convergence.svg",
        overlay={**SMALL, "training": training},
    )
    assert made.code == 0, made.text
    tables = sources.root / "results/tables"
    accuracy = pandas.read_csv(tables / "derivative_accuracy.csv")
    assert {"swish", "leaky", "torch.leaky_relu(x, 0.2)"} <= set(accuracy["function"])
    digits = accuracy[accuracy["method"] == "richardson_2"].set_index(["function", "dtype"])
    assert (digits.loc[("swish", "float64"), "max_absolute_error"] < 1e-4).all()
    divergence = pandas.read_csv(tables / "divergence.csv")
    assert set(divergence["optimizer"]) == {"adam", "nesterov"}
    assert (divergence["networks"] == 4).all()
    assert "nesterov" in (sources.root / "results/figures/histogram.svg").read_text()


def test_every_marker_is_described():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    markers = [text.split(":")[0] for text in settings["tool"]["pytest"]["ini_options"]["markers"]]
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == markers
