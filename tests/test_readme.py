"""What the README tells people to type is what CI types, and what exists."""

import io
import math
import re
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
import seaborn
import torch
from matplotlib.figure import Figure
from pandas import DataFrame

from autodiff_pipeline.expressions.grammar import FUNCTIONS
from autodiff_pipeline.figures import look
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
    names = {"seaborn": seaborn, "DataFrame": DataFrame, "Figure": Figure, **vars(look)}
    frame = DataFrame({"train_loss": [4.0, 5.0, 6.0], "optimizer": ["adam", "adam", "momentum"]})
    (axes,) = shown("def draw", names)["draw"](frame).axes
    assert sum(patch.get_height() for patch in axes.patches) == len(frame)


def pasted(*starts):
    """The output of the README's blocks that begin so, pasted into one Python, and its names."""
    blocks = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names, output = {}, io.StringIO()
    with redirect_stdout(output):
        for start in starts:
            (block,) = [block for block in blocks if block.startswith(start)]
            exec(block, names)
    return output.getvalue(), names


def test_how_wrong_is_the_derivative_of_tanh_at_9():
    said, _ = pasted("import autodiff_pipeline as ap")
    torch_errors, stable_errors = (
        [float(number) for number in line.strip("[]").split()] for line in said.splitlines()
    )
    exact = [1 / math.cosh(x) ** 2 for x in (0.5, 5.0, 9.0)]
    ulp_at_9 = 2.0 ** (math.floor(math.log2(exact[2])) - 23)
    torch_at_9 = 1 - float(torch.tanh(torch.tensor(9.0))) ** 2
    assert torch_errors[2] == pytest.approx(abs(torch_at_9 - exact[2]) / ulp_at_9, rel=0.01)
    assert torch_errors[2] > 1e6
    assert max(stable_errors) < 1


def test_a_hundred_networks_in_five_lines():
    said, names = pasted("import autodiff_pipeline as ap", "model = ")
    assert names["start"].c.shape == (1, 100)
    assert 3.5 < float(said.splitlines()[-1].removeprefix("tensor(").split(",")[0].strip(")")) < 6


def test_the_wrong_gradient_is_found_and_named():
    said, _ = pasted("import autodiff_pipeline as ap", "def energy")
    (shown,) = re.findall(r"^    (Entry .*)$", README, re.MULTILINE)
    assert shown in said


def test_the_recipe_for_pytest_passes_and_fails_with_a_sentence():
    _, names = pasted("import autodiff_pipeline as ap", "from autodiff_pipeline import certify")
    names["test_cube"]()
    names["Cube"].backward = staticmethod(lambda ctx, upstream: 6 * ctx.saved_tensors[0] * upstream)
    with pytest.raises(AssertionError, match="Entry"):
        names["test_cube"]()


def test_the_front_door_loads_each_name_on_first_use_and_nothing_before():
    script = (
        "import sys, autodiff_pipeline as ap; assert 'torch' not in sys.modules;"
        "assert all(hasattr(ap, name) for name in ap.__all__); assert 'torch' in sys.modules;"
        "assert set(ap.__all__) <= set(dir(ap)); assert not hasattr(ap, 'nothing')"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
