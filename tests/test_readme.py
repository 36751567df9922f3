"""What the README tells people to type is what CI types, and what exists."""

import io
import math
import re
import subprocess
import sys
import tomllib
from contextlib import redirect_stdout
from pathlib import Path

import numpy
import pytest
import torch
import yaml
from pandas import read_csv
from training.problem import default_data

from autodiff_pipeline.derivatives.float32_ranges import float32_ranges
from autodiff_pipeline.derivatives.kinds import IMPRECISE
from autodiff_pipeline.derivatives.methods.registry import derivative
from autodiff_pipeline.derivatives.operators import OPERATORS
from autodiff_pipeline.derivatives.subject import expression_subject
from autodiff_pipeline.expressions.grammar import FUNCTIONS, parse
from autodiff_pipeline.networks.initial import initial_parameters
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.numbers.ulp import FORMATS, ulp_errors
from autodiff_pipeline.report.answers import answers
from autodiff_pipeline.stable.activations import STABLE_RULES
from autodiff_pipeline.training import moments, optimizers
from autodiff_pipeline.training.loop import train
from autodiff_pipeline.training.method import first_order
from autodiff_pipeline.truth.at_points import certified_derivatives

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
CI = (ROOT / ".ci/run").read_text()
SENTENCES = " ".join(README.split())
REFERENCE = ROOT / "results/reference"


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


def says(sentence):
    return sentence in SENTENCES


def test_the_python_it_needs():
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert says(f"Python {needed.removeprefix('>=')} or newer")


def test_its_answers_are_those_of_the_page_about_the_published_tables():
    found = answers({path.stem: read_csv(path) for path in REFERENCE.glob("*.csv")})
    assert len(found) == 6
    for question, short, text in found:
        first = re.split(r"(?<=[.]) (?=[A-Z])", text)[0]
        line = f"- **{question} {short[0].upper()}{short[1:]}.** {first}"
        assert says(line), f"README.md has to say: {line}"


def test_the_headline_is_what_the_published_findings_say():
    table = read_csv(REFERENCE / "derivative_findings.csv")
    found = table[(table["system"] == "torch") & table["operator"].notna() & ~table["beside_root"]]
    first = found[found["order"] == 1]
    worst = found.loc[found["ulp_error"].where(found["ulp_error"] < math.inf).idxmax()]
    which = {1: "derivative", 2: "second derivative"}[worst["order"]]
    for line in (
        f"Of torch's {len(OPERATORS)} differentiable operators of one variable, "
        f"{found['operator'].nunique()} have a first or second derivative that is somewhere lost ",
        f"or more than {IMPRECISE:,.0f} ulp off; of {first['operator'].nunique()} it is the first.",
        f"The worst is the {which} of `{worst['operator']}` in {worst['dtype']}: at "
        f"x = {worst['worst_x']:.3g} torch returns {worst['returned']:.3g} instead of "
        f"{worst['truth']:.3g}",
    ):
        assert says(line), f"README.md has to say: {line}"


@pytest.mark.parametrize(
    ("dtype", "sentence"),
    [(torch.float32, "|x| ≈ {:.2f} in float32"), (torch.float64, "and {:.2f} in float64")],
)
def test_where_the_derivative_of_tanh_becomes_zero(dtype, sentence):
    def is_zero(x):
        point = torch.tensor(x, dtype=dtype)
        return torch.func.grad(torch.tanh)(point) == 0

    low, high = 1.0, 40.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (low, middle) if is_zero(middle) else (middle, high)
    assert says(sentence.format(high))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_how_far_the_complex_step_and_the_stable_rule_are_right(dtype):
    subject = expression_subject("tanh", parse("tanh(x)"))
    x = torch.linspace(-60, 60, 241, dtype=DTYPES[dtype])
    (truth,) = certified_derivatives(subject.expression, x.tolist(), 1, FORMATS[dtype])
    stable, complex_step = (
        ulp_errors(derivative(method, subject, 1, x).double().numpy(), truth, FORMATS[dtype])
        for method in ("stable", "complex_step")
    )
    assert stable.max() < 2
    assert complex_step[abs(x.numpy()) <= 40].max() < 4
    assert says("A stable rule is right to 2 ulp, up to |x| = 60")
    assert says("the complex step to 4, up to |x| = 40")


def test_the_times_are_those_of_the_published_benchmark():
    table = read_csv(REFERENCE / "benchmark.csv").query("activation == 'relu'")
    keys = ["engine", "networks", "samples"]
    time = table.set_index(keys)["microseconds"].sort_index()
    of_500 = [
        time[engine, 500, 1000]
        for engine in ("moments", "jax jit(vmap(scan))", "torch nn.Module", "scikit-learn")
    ]
    assert says(
        "with 500 of them, a step of one takes {:.1f} µs of one core, where JAX takes {:.0f}, "
        "`torch.nn.Module` {:.0f} and scikit-learn {:.0f}".format(*of_500)
    )
    growth = time["moments", 20, 10**7] / time["moments", 20, 1000]
    assert says(f"with 10⁷ samples it takes {growth:.1f} times as long as with 10³")
    ahead = [
        count
        for count in (1, 5, 20, 100, 500, 2000)
        if time["jax jit(vmap(scan))", count, 1000] < time["moments", count, 1000]
    ]
    assert ahead == [1, 5]
    assert says("With five networks or fewer JAX is ahead")


def test_the_times_of_the_truth_are_those_of_the_published_benchmark():
    table = read_csv(REFERENCE / "benchmark_truth.csv")
    times = {name: frame["microseconds"] for name, frame in table.groupby("contestant")}
    pieces = table[table["contestant"] == "truth by pieces"].set_index("dtype")
    nanoseconds, building = 1000 * pieces["microseconds"], pieces["preparation_seconds"]
    of_32, of_64 = nanoseconds["float32"], nanoseconds["float64"]
    points = times["truth at points"]
    formulas = [*times["mpmath, formula"], *times["SymPy, lambdify"]]
    for line in (
        f"a true derivative in {of_32.min():.0f} to {of_32.max():.0f} ns of one core in float32 "
        f"and in {of_64.min():.0f} to {of_64.max():.0f} ns in float64",
        f"Built they are in {building.min():.1g} to {building.max():.2g} s",
        f"our ball arithmetic takes {points.min():.2g} to {points.max():.2g} µs",
        f"by hand or by SymPy, {min(formulas):.1f} to {max(formulas):.0f} µs",
    ):
        assert says(line), f"README.md has to say: {line}"


def test_the_losses_of_the_lesson_agree_to_one_or_two_bits():
    table = read_csv(REFERENCE / "minimization.csv")
    assert (table["loss_difference"].abs() <= 3 * numpy.spacing(table["loss_by_hand"])).all()
    assert says("the losses agree to the last one or two bits at every epoch")


def test_when_trajectories_part():
    table = read_csv(REFERENCE / "trajectories.csv").set_index("dtype")
    assert says(f"runs differ from epoch {table['first_difference'].min():.0f} on at the earliest")
    ulp = table["largest_ulp"].groupby("dtype").max()
    assert says(f"{ulp['float64']:.0f} ulp at most in float64 and {ulp['float32']:.0f} in float32")
    crossings = table.loc["float64", "crossings"].unique()
    assert says(f"the kinks pass a point of the data {crossings[0]:,} times")
    assert len(crossings) == 1
    assert (table.loc["float64", "epochs_apart"] == 0).all()
    assert table.loc["float64", "diverged"].isna().all()
    assert table["follows_crossing"].all()
    assert says("no run ever leaves another by 1e-10")


def test_what_kinks_do_to_finite_differences_and_to_gradcheck():
    table = read_csv(REFERENCE / "gradient_kinks.csv")
    jump = table["error_outside"] / table["error_inside"].clip(lower=2.0**-56)
    assert table["bracketed"].all()
    assert jump.min() > 100
    assert 2.5e10 < jump.median() < 3.5e10
    assert says("jumps by a factor of 100 or more, of 3·10¹⁰ at the median")
    assert says(f"for each of the {len(table):,} networks")
    large = table[(table["hidden_size"] == 100) & (table["optimizer"] == "momentum")]
    shares = [f"{frame['gradcheck_false_alarm'].mean():.0%}" for frame in (table, large)]
    said = "a false alarm on {} of them, on {} of those with 100 units trained with momentum"
    assert says(said.format(*(share.replace("%", " %") for share in shares)))


def test_which_wrong_gradients_checkers_notice():
    table = read_csv(REFERENCE / "checker_power.csv")
    counts = ["trials", "told_apart", "false_alarms", "undecided_of_right"]
    of_size = table[table["mutation"] != "kink_value"].groupby(["checker", "delta"])[counts].sum()
    noticed = (100 * of_size["told_apart"] / of_size["trials"]).round().astype(int)
    right = table.groupby("checker")[counts].sum()
    alarms = (100 * right["false_alarms"] / right["trials"]).round().astype(int)
    gradcheck, jax, taylor = "gradcheck_slow", "jax_direction", "taylor_test"
    assert says(
        f"`torch.autograd.gradcheck` notices {noticed[gradcheck, 1e-3]} % without calling the "
        f"right gradient wrong too, JAX's `check_grads` {noticed[jax, 1e-3]} %, a Taylor test that "
        f"finds its own steps {noticed[taylor, 1e-3]} %, and `certify` {noticed['certify', 1e-3]} "
        f"%; of those with an error of 1e-12, `certify` notices {noticed['certify', 1e-12]} % and "
        f"the complex step {noticed['complex_step', 1e-12]} %, the others none"
    )
    others = ["gradcheck_slow", "gradcheck_fast", "jax_direction", "taylor_test"]
    assert (of_size["told_apart"].unstack().loc[others, 1e-12] == 0).all()
    undecided = right.loc[taylor, "undecided_of_right"] / right.loc[taylor, "trials"]
    assert says(
        f"gradcheck calls {alarms[gradcheck]} % wrong, `check_grads` {alarms[jax]} %, the complex "
        f"step {alarms['complex_step']} %, the Taylor test and `certify` none; the Taylor test "
        f"leaves {100 * undecided:.0f} % undecided"
    )
    assert (right.loc[[taylor, "certify"], "false_alarms"] == 0).all()


def test_methods_that_follow_the_chain_rule_agree_to_a_few_roundings():
    table = read_csv(REFERENCE / "gradient_agreement.csv")
    of_relu = table[table["activation"] == "relu"].set_index("dtype")
    worst = of_relu.query("method != 'central_difference'")["max_relative_error"]
    assert worst["float64"].max() < 64 * 2.0**-53
    assert worst["float32"].max() < 64 * 2.0**-24
    assert says("gives the gradient and the Hessian of a network to a few roundings")


def test_inputs_and_the_condition_number_of_the_quadratic():
    x, _ = default_data(10)
    assert 30 < x.abs().max() < 45
    assert says("Inputs reach ±30")
    powers = torch.arange(3)
    in_u, in_x = (torch.linalg.cond(z[..., None] ** powers).square() for z in (x / 10, x))
    assert (in_u.log() - math.log(6)).abs().max() < math.log(1.2)
    assert (in_x.log() - math.log(45_000)).abs().max() < math.log(1.3)
    assert says("is about 6 instead of about 45,000")


@pytest.mark.parametrize(
    ("optimizer", "hidden_size"), [("gradient_descent", 100), ("momentum", 100)]
)
def test_twice_the_learning_rate_diverges(optimizer, hidden_size):
    x, y = default_data(10)
    start = initial_parameters(1, range(10), range(10), hidden_size)
    step = getattr(optimizers, optimizer)(learning_rate=0.002)
    gradient = moments.batched_gradient(x, y, "automatic")
    assert (train(first_order(gradient, step), start, epochs=60).diverged >= 0).any()
    assert says("the largest with which no network of up to 100 hidden units diverged is 0.001")
    assert says("(0.002 diverges)")


def test_where_the_default_run_ends():
    table = read_csv(REFERENCE / "networks.csv")
    assert (table["status"] == "trained").all()
    assert (table["epochs"] == 3000).all()
    loss = table.groupby(["optimizer", "hidden_size"])["train_loss"].median()
    assert (loss["gradient_descent"] > 1.4 * 4).all()
    assert says("after 3,000 epochs its loss is still well above the noise floor of 4")
    assert (loss["momentum"].loc[10:] < 4).all()
    assert (loss["adam"].loc[10:] < 4).all()
    assert (
        table.query("hidden_size <= 2")["excess_risk"].groupby(table["optimizer"]).median() > 4
    ).all()
    assert says("Momentum reaches it with 0.001 (0.002 diverges), Adam with 0.03")


def test_what_every_float32_says():
    table = read_csv(REFERENCE / "derivative_exhaustive.csv").query("points > 0")
    reverse = table.query("method == 'reverse_mode'").set_index("function")
    assert says(f"Of {len(reverse)} operators every float32 of the range was tried")
    assert says(f"{table['points'].sum() / 1e9:.0f} billion derivatives in all")
    lost, points = reverse["lost_points"], reverse["points"]
    assert says(f"`sinc` is lost at {lost['sinc']:,} numbers of {points['sinc']:,}")
    assert 0.249 < lost["asinh"] / points["asinh"] < 0.251
    assert says(f"`asinh` at {lost['asinh']:,}, every fourth there is")
    assert says(f"and that of `tanh` at {lost['tanh']:,}.")


def test_stable_rules_round_just_once_at_every_float32():
    table = read_csv(REFERENCE / "derivative_exhaustive.csv").query("method == 'stable'")
    worst = table.query("points > 0").pivot(
        index="function", columns="order", values="max_ulp_error"
    )
    worst = worst.loc[list(STABLE_RULES)]
    assert says(
        f"stable rules for {len(STABLE_RULES)} of them. At every float32 of the range, in first"
    )
    once = worst[(worst < 0.5001).all(axis=1)]
    assert len(once) == 13
    assert says("thirteen of these round just once")
    assert set(worst.index) - set(once.index) == {"mish"}
    assert says(f"`mish` is up to {worst.loc['mish', 1]:.2f} ulp off")


def test_every_float32_of_the_published_ranges_was_tried():
    """And no sample of the same range is worse than all of its numbers."""
    every = read_csv(REFERENCE / "derivative_exhaustive.csv").query("points > 0")
    ranges = yaml.safe_load((ROOT / "config.yaml").read_text())["derivatives"]["functions"]
    sampled = read_csv(REFERENCE / "derivative_accuracy.csv").query("system == 'torch'")
    sampled = sampled[sampled["dtype"] == "float32"].set_index(["function", "order", "method"])
    for row in every.itertuples():
        of_function = ranges[row.function]
        parts = float32_ranges(of_function.get("range", of_function["interval"]), 2**28)
        assert row.points + row.uncertified_points == sum(high - low for low, high in parts)
        name = f"torch.{row.function}" if "operator" in of_function else row.function
        name = row.function if row.method == "stable" else name
        worst = sampled.loc[(name, row.order, row.method), "max_ulp_error"]
        if row.true_zeros == row.points:  # of ceil and its kin, with no errors in ulp
            assert numpy.isnan([worst, row.max_ulp_error]).all(), row
        else:
            assert worst <= row.max_ulp_error * (1 + 1e-9), row


def test_the_power_of_certify_is_what_its_slow_tests_hold():
    tests = (ROOT / "tests/gradients/test_certify_random.py").read_text()
    assert "all of 200 are refuted" in SENTENCES
    assert "at least 98 %. In any entry, however small, it is 99 and 94 %" in SENTENCES
    for held in ("all_ == 200", "[(False, 1.0), (True, 0.99)]", "[(False, 0.98), (True, 0.94)]"):
        assert held in tests
