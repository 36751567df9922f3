"""What the README tells people to type is what CI types, and what exists."""

import re
from pathlib import Path

from autodiff_pipeline.expressions.grammar import FUNCTIONS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CI = (ROOT / ".ci/run").read_text()


def test_the_two_commands_are_those_of_ci():
    for command in (
        "pip install -c constraints.txt -e . && snakemake --cores 4\n",
        'pip install -c constraints.txt -e ".[test]" && pytest\n',
    ):
        assert f"    {command}" in README
        assert f"\n{command}" in CI


def test_its_pictures_and_files_exist():
    for path in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (ROOT / path).exists(), path


def test_it_lists_every_function_of_the_grammar():
    listed = re.search(r"`(abs .*?)`", README, re.DOTALL)[1]
    assert listed.split() == FUNCTIONS
