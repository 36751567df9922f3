"""Reruns follow the code, the configuration and the files, and nothing else."""

import copy
import io
import json
import re

import pandas
import pytest
from project import SMALL

from autodiff_pipeline.report import source_text

pytestmark = pytest.mark.workflow

# Tables that are made only when asked for, as they take minutes or hours.
ASKED_FOR = {"stable_rules", "checker_power", "derivative_exhaustive"}


def overlay(**changes):
    """The small configuration with dotted keys changed."""
    changed = copy.deepcopy(SMALL)
    for path, value in changes.items():
        *groups, key = path.split("__")
        group = changed
        for name in groups:
            group = group.setdefault(name, {})
        group[key] = value
    return changed


def pictures_of(project):
    return [name for name in project.results() if name.startswith("results/figures/")]


def test_the_first_run_makes_everything(finished):
    project, run = finished
    made = set(project.results())
    rules = project.snakemake("--list-rules").text.split()
    tables = {name.removeprefix("table_") for name in rules if name.startswith("table_")}
    assert {"networks", "summary", "derivative_accuracy"} <= tables
    assert {name for name in made if re.match(r"results/tables/\w+\.csv$", name)} == {
        f"results/tables/{table}.csv" for table in tables - ASKED_FOR
    }
    drawn = (project.root / "src/autodiff_pipeline/figures").glob("*.py")
    figures = {path.stem for path in drawn if "def draw(" in path.read_text()}
    figures -= {"benchmark", "benchmark_truth", *ASKED_FOR}
    figures -= {"measurements", "held_out_loss"}  # of data that are measured
    assert {"data", "fits"} <= figures
    pictures = pictures_of(project)
    assert {re.sub(r"(derivative_atlas)_\w+", r"\1", name) for name in pictures} == {
        f"results/figures/{figure}.{kind}" for figure in figures for kind in ("svg", "png")
    }
    assert "results/report/index.html" in made
    assert run.jobs["training_together"] == 2  # of two hidden sizes each


def test_snakemakes_own_report_gives_every_figure_its_caption(project):
    assert project.snakemake("--report", "report.html").code == 0
    text = (project.root / "report.html").read_text()
    entries = re.findall(
        r'"results/figures/(\w+)\.(?:svg|png)": \{"name".*?"caption": (".*?[^\\]")', text
    )
    assert {f"results/figures/{name}.png" for name, _ in entries} < set(project.results())
    assert len(entries) == len(pictures_of(project))
    for name, caption in entries:
        module = "derivative_atlas" if name.startswith("derivative_atlas") else name
        source = project.root / f"src/autodiff_pipeline/figures/{module}.py"
        title = source_text.caption(source.read_text()).title
        assert json.loads(caption).startswith(f"<p><strong>{title}.</strong>")


def test_the_second_run_does_nothing(project):
    before = project.results()
    run = project.snakemake()
    assert "Nothing to be done" in run.text
    assert project.results() == before


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(finished, sources):
    assert sources.snakemake().code == 0
    assert sources.results() == finished[0].results()


def test_a_changed_figure_redraws_only_its_section(project):
    project.edit(
        "src/autodiff_pipeline/figures/fits.py", "Estimated and true", "True and estimated"
    )
    assert project.planned() == {"figures_training": 1, "report": 1}
    assert project.snakemake("results/figures/fits.svg").code == 0
    assert project.planned() == {"report": 1}


def test_a_changed_caption_redraws_nothing(project):
    project.edit("src/autodiff_pipeline/figures/fits.py", "One or two units", "A unit or two")
    assert project.planned() == {"report": 1}


def test_a_changed_template_makes_the_page_again(project):
    project.edit("src/autodiff_pipeline/report/templates/page.css", "--paper", "--sheet")
    assert project.planned() == {"report": 1}


def test_a_changed_theme_redraws_figures_only(project):
    project.edit(
        "src/autodiff_pipeline/figures/theme.py", '"axes.titlesize": 10', '"axes.titlesize": 11'
    )
    planned = project.planned()
    assert planned.pop("report") == 1
    assert len(planned) == 5
    assert all(rule.startswith("figures_") for rule in planned)


def test_a_changed_network_retrains(project):
    project.edit("src/autodiff_pipeline/networks/network.py", "return c + (", "return 0 + c + (")
    planned = project.planned()
    assert planned["training_together"] == 2
    assert planned["minimization"] == 1
    assert not {"data", "derivatives", "configuration"} & set(planned)


def test_a_changed_table_retabulates_only(project):
    project.edit("src/autodiff_pipeline/tables/summary.py", "(0.25, 0.5, 0.75)", "(0.2, 0.5, 0.8)")
    assert project.planned() == {"table_summary": 1, "report": 1}


def test_changed_words_rerun_nothing_and_a_changed_number_does(project):
    module = "src/autodiff_pipeline/tables/fits.py"
    project.edit(module, "POINTS = 121", "# Where curves are compared.\n\nPOINTS = 121")
    project.edit(module, "Median and 90 % band of", "The median and the 90 % band of")
    assert project.planned() == {}
    project.edit(module, "POINTS = 121", "POINTS = 125")
    assert project.planned() == {"table_fits": 1, "figures_training": 1, "report": 1}


def test_a_touched_file_reruns_nothing(project):
    (project.root / "src/autodiff_pipeline/networks/network.py").touch()
    assert project.planned() == {}


def test_a_changed_learning_rate_retrains_only_that_optimizer(project):
    planned = project.planned(overlay(training__optimizers__adam={"learning_rate": 0.02}))
    assert planned["training_together"] == 1
    assert "minimization" not in planned
    assert "data" not in planned


def test_swapping_two_values_reruns(project):
    swapped = overlay(data__input_scale=2.0, data__noise_scale=10.0)
    assert project.planned(swapped)["data"] == 1
    assert project.snakemake("--until", "data", overlay=swapped).code == 0
    swapped_back = overlay(data__input_scale=10.0, data__noise_scale=2.0)
    assert project.planned(swapped_back)["data"] == 1


def test_a_deleted_table_is_rebuilt_without_retraining(project):
    (project.root / "results/tables/convergence.csv").unlink()
    assert project.planned() == {"table_convergence": 1, "figures_training": 1, "report": 1}
    before = project.results()
    assert project.snakemake("results/figures/convergence.svg").code == 0
    after = project.results()
    assert {name: after[name] for name in before} == before


def rows_of(before, after, columns):
    """The rows of a later table that an earlier one has, and the earlier one, in one order."""
    earlier, later = (pandas.read_csv(io.BytesIO(text), dtype=str) for text in (before, after))
    kept = later.merge(earlier[columns], on=columns)
    return (frame.sort_values(columns).reset_index(drop=True) for frame in (earlier, kept))


@pytest.mark.parametrize(
    "grown",
    [
        overlay(training__hidden_sizes=[1, 2, 3]),
        pytest.param(overlay(training__seeds=5), marks=pytest.mark.slow),
        pytest.param(overlay(data__seeds=3), marks=pytest.mark.slow),
    ],
    ids=["hidden size", "init seed", "data seed"],
)
def test_growing_the_sweep_keeps_every_row_to_the_byte(project, grown):
    columns_of = {
        "results/tables/networks.csv": ["data_seed", "init_seed", "hidden_size", "optimizer"],
        "results/training/adam/hidden_3/history.csv": ["data_seed", "init_seed", "epoch"],
    }
    before = project.results()
    assert project.snakemake(*columns_of, overlay=grown).code == 0
    after = project.results()
    assert all(after[name] == text for name, text in before.items() if "/data/" in name)
    for table, columns in columns_of.items():
        earlier, kept = rows_of(before[table], after[table], columns)
        pandas.testing.assert_frame_equal(earlier, kept)


def test_jobs_cut_by_default_give_the_same_bytes(project):
    before = project.results()
    project.edit(
        "src/autodiff_pipeline/costs/training.py",
        "JOB_SECONDS, JOB_BYTES = 120.0",
        "JOB_SECONDS, JOB_BYTES = 1.0",
    )
    group = "results/training/adam/hidden_3"
    run = project.snakemake("--forcerun", "training_block", "--", f"{group}/parameters.npz")
    assert run.code == 0, run.text
    assert run.jobs == {"training_block": 4, "training_join": 1}
    assert project.results() == before


def test_only_what_is_large_is_cut(sources):
    large = overlay(training__hidden_sizes=[1, 1000], training__seeds=1000, training__epochs=100)
    planned = sources.planned(large)
    assert planned["training"] == 2  # of one hidden unit, by two optimizers
    assert planned["training_join"] == 2
    assert planned["training_block"] > 4


def test_the_command_line_means_what_it_says(sources):
    run = sources.snakemake("--config", "training={epochs: 5}", "--", "results/config.yaml")
    assert run.code == 0, run.text
    assert "\n  epochs: 5\n" in (sources.root / "results/config.yaml").read_text()


def test_deleting_all_output_leaves_the_published_results(project):
    reference = project.root / "results/reference/summary.csv"
    reference.parent.mkdir()
    reference.write_text("published")
    made = set(project.results())
    run = project.snakemake("--delete-all-output")
    assert run.code == 0, run.text
    left = set(project.results())
    assert left == {"results/reference/summary.csv"} | {n for n in made if n.endswith(".sha256")}
    assert reference.read_text() == "published"
