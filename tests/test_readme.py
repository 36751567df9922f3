"""What the README tells people to type is what CI types, and what exists."""

import re
from pathlib import Path

import seaborn
import torch
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.expressions.grammar import FUNCTIONS
from autodiff_pipeline.figures import theme
from autodiff_pipeline.training import optimizers

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


def shown(definition, namespace):
    """What a piece of Python in the README defines, executed in a namespace."""
    (code,) = re.findall(rf"```python\n([^`]*{definition}[^`]*)```", README)
    defined = dict(namespace)
    exec(code, defined)
    return defined


def test_the_optimizer_it_shows_is_the_one_of_torch():
    nesterov = shown("def nesterov", vars(optimizers))["nesterov"](0.1, 0.8)
    scale = torch.tensor([1.0, 5.0], dtype=torch.float64)
    point = torch.tensor([-0.4, 0.3], dtype=torch.float64)
    expected = point.clone().requires_grad_()
    stepper = torch.optim.SGD([expected], lr=0.1, momentum=0.8, nesterov=True)
    state = nesterov.init(point)
    for _ in range(20):
        stepper.zero_grad()
        (scale * expected.square()).sum().backward()
        stepper.step()
        change, state = nesterov.update(2 * scale * point, state)
        point = point + change
    torch.testing.assert_close(point, expected.detach(), rtol=1e-12, atol=1e-12)


def test_the_figure_it_shows_can_be_drawn():
    names = {"seaborn": seaborn, "DataFrame": DataFrame, "Figure": Figure, **vars(theme)}
    frame = DataFrame({"train_loss": [4.0, 5.0, 6.0], "optimizer": ["adam", "adam", "momentum"]})
    (axes,) = shown("def draw", names)["draw"](frame).axes
    assert sum(patch.get_height() for patch in axes.patches) == len(frame)
