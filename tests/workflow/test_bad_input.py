"""A mistake in the configuration costs one sentence, and nothing else."""

import time

import pytest
import torch

pytestmark = pytest.mark.workflow


def assert_refused(project, run, said):
    assert run.code != 0
    assert said in run.text
    assert "Traceback" not in run.text
    assert not (project.root / "results").exists()


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ({"data": {"sampels": 10}}, "'data.sampels' is unknown; did you mean 'samples'?"),
        ({"data": {"samples": "many"}}, "'data.samples' is \"many\": give a whole number"),
        ({"data": {"true_model": "2 +* x"}}, "is not an expression"),
        (
            {"data": {"true_model": "__import__('pathlib').Path('ran').touch()"}},
            "which is not allowed",
        ),
        (
            {"derivatives": {"functions": {"log": {"expression": "log(x)", "interval": [-2, -1]}}}},
            "log(x) is defined nowhere on [-2, -1]; give an interval on which it is defined",
        ),
        (
            {"training": {"seeds": 10**20}},
            "would train 2.1e+22 networks in 3.33e+18 jobs and take about 1.3e+13 years",
        ),
    ],
)
def test_one_sentence(sources, overlay, said):
    assert_refused(sources, sources.snakemake(overlay=overlay), said)
    assert not (sources.root / "ran").exists()


def test_a_gpu_that_is_not_there(project):
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    before = project.results()
    run = project.snakemake(
        overlay={**project.small, "training": {**project.small["training"], "device": "cuda"}}
    )
    assert run.code != 0
    assert (
        "configuration key 'training.device' is \"cuda\", but torch finds no GPU here" in run.text
    )
    assert "Traceback" not in run.text
    after = project.results()
    assert {name: after[name] for name in before if "/tables/" in name} == {
        name: text for name, text in before.items() if "/tables/" in name
    }


def test_a_missing_configuration_file(sources):
    (sources.root / "config.yaml").unlink()
    assert_refused(sources, sources.snakemake(overlay={}), "config.yaml cannot be read")


def test_a_missing_overlay(sources):
    run = sources.snakemake("--config", "overlay=nowhere.yaml")
    assert_refused(sources, run, "nowhere.yaml cannot be read")


def test_snakemakes_own_overlay_goes_over_ours(sources):
    (sources.root / "mine.yaml").write_text("data: {samples: lots}")
    run = sources.snakemake("--configfile", "mine.yaml", overlay={"data": {"samples": "many"}})
    assert_refused(sources, run, "'data.samples' is \"lots\": give a whole number")


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("config.yaml", "data: [1, 2\nseeds: }", "is not YAML: while parsing a flow sequence"),
        ("mine.yaml", "- a list", "has no keys"),
        ("config.yaml", "", "has no keys"),
        (
            "mine.yaml",
            "data: {seeds: 1}\n\ndata: {}",
            "gives the key 'data' twice in one mapping, in lines 1 and 3",
        ),
        (
            "config.yaml",
            "__use_yte__: true\nroot_seed: ?open('ran', 'w')",
            "'__use_yte__' is unknown",
        ),
    ],
)
def test_a_broken_configuration_file(sources, file, text, said):
    (sources.root / file).write_text(text)
    overlay = ("--config", "overlay=mine.yaml") if file == "mine.yaml" else ()
    assert_refused(sources, sources.snakemake(*overlay, overlay={}), said)
    assert not (sources.root / "ran").exists()


def test_results_survive_a_mistake(project):
    before = project.results()
    assert project.snakemake(overlay={"data": {"samples": 0}}).code != 0
    assert project.results() == before


def test_divergence_is_recorded_not_an_error(project):
    overlay = {
        **project.small,
        "training": {
            **project.small["training"],
            "optimizers": {
                "momentum": None,
                "adam": None,
                "gradient_descent": {"learning_rate": 10.0},
            },
        },
    }
    run = project.snakemake("results/tables/summary.csv", overlay=overlay)
    assert run.code == 0, run.text
    table = (project.root / "results/tables/networks.csv").read_text()
    assert "diverged" in table
    assert "diverged" in (project.root / "results/tables/summary.csv").read_text().split("\n")[0]


def test_a_failed_job_shows_its_log(project):
    project.edit("src/autodiff_pipeline/tables/summary.py", "len(networks),", "1 / 0,")
    run = project.snakemake()
    assert run.code != 0
    assert "results/logs/tables/summary.log" in run.text
    shown = (project.root / "results/logs/tables/summary.log").read_text().strip()
    assert shown.startswith("Traceback")
    assert "1 / 0" in shown
    assert shown in run.text


def test_a_dry_run_is_fast_and_never_imports_torch(sources):
    (sources.root / "src/torch.py").write_text("raise SystemExit('torch was imported')")
    start = time.monotonic()
    run = sources.snakemake("--dry-run", overlay={})
    assert run.code == 0, run.text
    assert "torch was imported" not in run.text
    assert time.monotonic() - start < 20  # seconds on a slow and loaded machine; 2 on a fast one
