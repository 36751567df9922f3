"""One command for a person with a function in hand: python -m autodiff_pipeline."""

import math
import subprocess
import sys

import mpmath
import pytest

from autodiff_pipeline.__main__ import main
from autodiff_pipeline.derivatives.methods.registry import METHODS
from autodiff_pipeline.numbers.ranks import DTYPES


def blocks(*arguments):
    """The lines below each title."""
    texts = [block.split("\n") for block in main(arguments).split("\n\n")]
    return {title: lines for title, *lines in texts}


def test_every_dtype_and_place_has_a_block_with_the_truth_and_a_line_a_method():
    shown = blocks("x*tanh(log(1+exp(x)))", "--at", "-20", "9.02")
    assert len(shown) == 2 * len(DTYPES)
    with mpmath.workdps(50):
        expected = mpmath.diff(lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))), -20)
    truth, _, *lines = shown["float64, x = -20.0"]
    assert float(truth.removeprefix("  truth: ")) == pytest.approx(float(expected), rel=1e-15)
    names = [line[:20].strip().rsplit("  ")[0] for line in lines]
    absent = {"stable", "forward over reverse"}  # no rule is written; order 2 or more
    assert len(names) == len(METHODS) - len(absent)
    assert any(line.endswith("lost") for line in shown["float32, x = -20.0"])


def test_errors_are_in_ulp():
    _, _, *lines = blocks("tanh(x)", "--at", "9.02")["float32, x = 9.020000457763672"]
    (reverse,) = [line for line in lines if "reverse mode" in line]
    assert reverse.split()[2:] == ["0", f"{expected_ulp():,.3f}", "lost"] or "e+0" in reverse


def expected_ulp():
    x = 9.020000457763672
    return 1 / math.cosh(x) ** 2 / 2.0 ** (math.floor(math.log2(1 / math.cosh(x) ** 2)) - 23)


def test_negative_numbers_are_numbers_and_not_options():
    shown = blocks("x", "--at", "-1e-5", "-.5", "-3")
    assert {title.split(" = ")[1] for title in shown if "float64" in title} == {
        "-1e-05",
        "-0.5",
        "-3.0",
    }


def test_where_there_is_no_derivative_it_says_why():
    shown = blocks("abs(x)", "--at", "0")
    assert shown["float32, x = 0.0"] == ["  no truth is certified: kink"]
    assert "float16: 1e+300 is beyond its largest number" in blocks("x", "--at", "1e300")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tanh(y)", "--at", "1"], "unknown name 'y'"),
        (["tanh(x)"], "the following arguments are required: --at"),
        (["tanh(x)", "--at", "one"], "'one' is not a finite number; give one such as 9.02"),
        (["tanh(x)", "--at", "inf"], "'inf' is not a finite number"),
        (["tanh(x)", "--at", "1", "--order", "5"], "choose from 1, 2, 3, 4"),
        (["__import__('os').system('touch ran')", "--at", "1"], "which is not allowed"),
    ],
)
def test_a_mistake_costs_one_sentence(tmp_path, arguments, said):
    run = subprocess.run(
        [sys.executable, "-m", "autodiff_pipeline", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode != 0
    assert run.stderr.startswith("autodiff-pipeline: ")
    assert said in run.stderr
    assert run.stderr.count("\n") == 1
    assert (run.stdout, list(tmp_path.iterdir())) == ("", [])
