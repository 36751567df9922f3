import copy
import re
from pathlib import Path

import pytest
import yaml
from snakemake.cli import parse_config
from snakemake.utils import update_config

from autodiff_pipeline.configuration.experiment import read
from autodiff_pipeline.configuration.mistakes import ConfigurationError

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "config.yaml").read_text()


def changed(path, value):
    configuration = yaml.safe_load(TEXT)
    *groups, key = path.split(".")
    group = configuration
    for name in groups:
        group = group[name]
    group[key] = value
    return configuration


def test_default_configuration_is_read():
    experiment = read(yaml.safe_load(TEXT))
    assert experiment.data.true_model == "2 + 0.5*x - 0.05*x**2"
    assert experiment.derivatives.functions["tanh"].interval == (-5, 5)
    assert list(experiment.training.optimizers.selected()) == [
        "gradient_descent",
        "momentum",
        "adam",
    ]


def test_resolved_configuration_reads_back_as_itself():
    experiment = read(yaml.safe_load(TEXT))
    assert read(yaml.safe_load(yaml.safe_dump(experiment.model_dump(mode="json")))) == experiment


def test_numbers_that_yaml_reads_as_text_are_numbers():
    read_back = read(changed("training.optimizers.adam.learning_rate", "1e-3"))
    assert read_back.training.optimizers.adam.learning_rate == 1e-3


@pytest.mark.parametrize(
    ("given", "path", "value"),
    [
        ("root_seed=7", "root_seed", 7),
        ("root_seed=1e3", "root_seed", 1000),
        ("training={epochs: 5}", "training.epochs", 5),
        ("training={epochs: 1e3}", "training.epochs", 1000),
        ("training={epochs: 1_000}", "training.epochs", 1000),
        ("training={seeds: 100000000000000000001}", "training.seeds", 100000000000000000001),
        ("training={hidden_sizes: [3, 4]}", "training.hidden_sizes", [3, 4]),
        ("training={seeds_per_job: null}", "training.seeds_per_job", None),
        ("training={seeds_per_job: 10}", "training.seeds_per_job", 10),
        ("training={activation: tanh}", "training.activation", "tanh"),
        ("training={optimizers: {adam: null}}", "training.optimizers.adam", None),
        ("training={optimizers: {adam: }}", "training.optimizers.adam", None),
        (
            "training={optimizers: {adam: {learning_rate: 1e-2}}}",
            "training.optimizers.adam.learning_rate",
            0.01,
        ),
        (
            "training={optimizers: {momentum: {momentum: 0}}}",
            "training.optimizers.momentum.momentum",
            0.0,
        ),
        (
            "training={optimizers: {levenberg_marquardt: {epochs: 9}}}",
            "training.optimizers.levenberg_marquardt",
            {"epochs": 9},
        ),
        ("derivatives={exhaustive: true}", "derivatives.exhaustive", True),
        ("derivatives={exhaustive: no}", "derivatives.exhaustive", False),
        ("derivatives={orders: [1]}", "derivatives.orders", [1]),
        ("derivatives={dtypes: [float64]}", "derivatives.dtypes", ["float64"]),
        ("derivatives={points: 7}", "derivatives.points", 7),
        ("derivatives={functions: {sin: null}}", "derivatives.functions.sin", None),
        (
            "derivatives={functions: {tanh: {interval: [-2, 3.5], operator: null, kinks: []}}}",
            "derivatives.functions.tanh",
            {
                "expression": "tanh(x)",
                "interval": [-2, 3.5],
                "range": [-60, 60],
                "operator": None,
                "kinks": [],
                "step_sizes": True,
            },
        ),
        ("derivatives={functions: {tanh: {range: ~}}}", "derivatives.functions.tanh.range", None),
        ("data={true_model: 3}", "data.true_model", "3"),
        ("data={true_model: x}", "data.true_model", "x"),
        ("data={true_model: 1e-3}", "data.true_model", "1e-3"),
    ],
)
def test_the_command_line_means_what_it_says(given, path, value):
    configuration = yaml.safe_load(TEXT)
    update_config(configuration, parse_config([given]))
    assert read(configuration) == read(changed(path, value))


def test_a_number_is_an_expression():
    assert read(changed("data.true_model", 3)).data.true_model == "3"
    assert read(changed("data.true_model", 0.001)).data.true_model == "0.001"


@pytest.mark.parametrize(
    ("expression", "settings"),
    [
        ("+".join(["x"] * 500), {}),
        ("*".join(["x"] * 500), {"operator": "relu"}),
        ("-".join(["x"] * 497) + "+0.5", {"operator": "erf"}),
        ("+".join(["abs(x)"] * 142), {"kinks": [0]}),
    ],
)
def test_a_chain_as_long_as_may_be_is_checked_as_any_expression(expression, settings):
    function = {"expression": expression, "interval": [-1, 1], **settings}
    configuration = changed("derivatives.functions.long", function)
    if settings in ({}, {"kinks": [0]}):
        assert read(configuration).derivatives.functions["long"].expression == expression
    else:
        with pytest.raises(ConfigurationError, match=r"is not the|is not a kink") as caught:
            read(configuration)
        assert len(str(caught.value)) < 400


def test_null_drops_an_entry():
    without = read(changed("training.optimizers.adam", None))
    assert "adam" not in without.training.optimizers.selected()
    assert "sin" not in read(changed("derivatives.functions.sin", None)).derivatives.functions


def test_reading_leaves_its_argument_alone():
    configuration = changed("training.optimizers.adam", None)
    before = copy.deepcopy(configuration)
    read(configuration)
    assert configuration == before


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("data.sampels", 3, "'data.sampels' is unknown; did you mean 'samples'?"),
        ("extra", 3, "'extra' is unknown; the keys here are root_seed, data"),
        ("training.optimizers.adem", {"learning_rate": 1}, "did you mean 'adam'?"),
        ("training.optimizers.adam.beta3", 0.9, "did you mean 'beta"),
        ("derivatives.functions.tanh.expresion", "x", "did you mean 'expression'?"),
        ("data.samples", "many", "give a whole number"),
        ("data.samples", 2.5, "give a whole number"),
        ("data.samples", True, "give a whole number"),
        ("data.samples", 0, "'data.samples' is 0: give a number of at least 1"),
        ("data.seeds", -3, "'data.seeds' is -3: give a number of at least 1"),
        ("data.noise_scale", -1.0, "at least 0"),
        ("data.input_scale", 0.0, "greater than 0"),
        ("data.true_model", "2 +", "is not an expression"),
        ("data.true_model", "2 + z", "unknown name 'z'"),
        ("data.true_model", "x.__class__", "not allowed"),
        ("data.true_model", "sqrt(x)", "no finite value at 500 of 1001 points"),
        ("data.true_model", [3], "give text"),
        ("data.true_model", True, "give text"),
        ("data.true_model", "1+" * 4000 + "1", 'is "1+1+1'),
        ("data.true_model", "1+" * 4000 + "1", "of 8001 characters is too long"),
        ("data." + "sampels" * 1000, 3, "is unknown; the keys here are"),
        ("data.samples", list(range(10000)), "is [0, 1, 2, 3"),
        ("training.hidden_sizes", [*range(1, 20001), 7], "7 is listed twice"),
        ("derivatives.exhaustive", "maybe", 'is "maybe": give true or false'),
        ("derivatives.exhaustive", 1, "give true or false"),
        ("training.seeds", "1.5", 'is "1.5": give a whole number'),
        ("training.seeds", 10**31, "give a number of at most 1e+30"),
        ("data", None, "'data' is null: give a mapping"),
        ("data", [1], "give a mapping"),
        ("root_seed", -1, "at least 0"),
        ("derivatives.functions", {}, "give at least 1"),
        ("derivatives.functions.Sin", {"expression": "x", "interval": [0, 1]}, "lower-case"),
        ("derivatives.functions.tanh.interval", [1, 1], "smaller end first"),
        ("derivatives.functions.tanh.interval", [1], "required"),
        (
            "derivatives.functions.log.interval",
            [-2, -1],
            "'derivatives.functions.log': log(x) is defined nowhere on [-2, -1]; give an interval",
        ),
        (
            "derivatives.functions.tanh.operator",
            "erf",
            "'derivatives.functions.tanh': the operator erf is not the expression tanh(x): "
            "at x = -5 it is -1, the expression -0.999909; "
            "give the operator that is the same function, or none",
        ),
        (
            "derivatives.functions.relu.kinks",
            [0, 7],
            "'derivatives.functions.relu': the kink 7 is outside [-5, 5]; list kinks inside",
        ),
        (
            "derivatives.functions.log.kinks",
            [-1],
            "the kink -1 is outside [0.1, 10]",
        ),
        (
            "derivatives.functions.f",
            {"expression": "sign(x)", "interval": [-1, 1], "kinks": [0]},
            "0 is not a kink of sign(x): it is not continuous at x = 0",
        ),
        (
            "derivatives.functions.two",
            {"expression": "abs(x) + abs(x - 1)", "interval": [-1, 2], "kinks": [0, 0.5]},
            "0.5 is not a kink of abs(x) + abs(x - 1): it is smooth there; list kinks only",
        ),
        ("data.input_scale", 1e308, "takes x beyond the largest number"),
        ("derivatives.dtypes", ["float8"], "give one of 'float16'"),
        ("derivatives.dtypes", [], "give at least 1"),
        ("derivatives.orders", [5], "at most 4"),
        ("training.hidden_sizes", [], "give at least 1"),
        ("training.hidden_sizes", [5, 5], "5 is listed twice"),
        ("training.hidden_sizes", [5, -1], "at least 1"),
        ("training.hidden_sizes", 5, "give a list"),
        ("training.optimizers", {}, "give at least one of"),
        ("training.optimizers.adam.learning_rate", "fast", "give a number"),
        ("training.optimizers.adam.learning_rate", float("nan"), "give a finite number"),
        ("training.optimizers.adam.learning_rate", 0, "greater than 0"),
        ("training.optimizers.momentum.momentum", 1, "less than 1"),
    ],
)
def test_refuses_with_one_sentence(path, value, said):
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        read(changed(path, value))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_missing_key_is_named():
    configuration = yaml.safe_load(TEXT)
    del configuration["training"]["epochs"]
    with pytest.raises(ConfigurationError, match=r"'training\.epochs': this key is required"):
        read(configuration)
