"""Networks learn from a user's own file, and what is said of them is about that file."""

import copy

import numpy
import pandas
import pytest
from project import SMALL

pytestmark = pytest.mark.workflow

OVERLAY = copy.deepcopy(SMALL)
OVERLAY["data"] = {"file": "mine.csv", "x": "year", "y": "height in m", "seeds": 2}
ROWS = 45


@pytest.fixture
def measured(sources):
    """A project with a file of heights in nanometres over a few years, and what it holds."""
    stream = numpy.random.default_rng(5)
    year = numpy.sort(stream.uniform(1990, 2020, ROWS))
    height = 1e-9 * (3 + numpy.cos(year / 5) + 0.1 * stream.normal(size=ROWS))
    frame = pandas.DataFrame({"year": year, "station": "A, B", "height in m": height})
    frame.to_csv(sources.root / "mine.csv", index=False)
    return sources, frame


def table(project, name):
    return pandas.read_csv(project.root / f"results/tables/{name}.csv")


@pytest.mark.slow
def test_the_held_out_loss_is_that_of_rows_that_no_network_was_trained_on(measured):
    project, frame = measured
    wanted = [f"results/tables/{name}.csv" for name in ("summary", "baselines", "fits")]
    run = project.snakemake("--", *wanted, overlay=OVERLAY)
    assert run.code == 0, run.text
    standard = frame[["year", "height in m"]].apply(lambda v: (v - v.mean()) / v.std(ddof=0))
    lines = []
    for seed in range(2):
        parts = [
            pandas.read_csv(project.root / f"results/data/{folder}{seed}.csv")
            for folder in ("", "held_out/")
        ]
        assert [len(part) for part in parts] == [36, 9]
        both = pandas.concat(parts).sort_values("x")
        numpy.testing.assert_allclose(both, standard, atol=1e-12)
        line = numpy.polyfit(parts[0]["x"], parts[0]["y"], 1)
        lines.append(numpy.mean((numpy.polyval(line, parts[1]["x"]) - parts[1]["y"]) ** 2))
    baselines = table(project, "baselines").set_index("baseline")
    assert list(baselines.index) == ["straight_line", "quadratic"]
    assert baselines["median"]["straight_line"] == pytest.approx(numpy.median(lines))
    networks = table(project, "networks")
    assert "excess_risk" not in networks
    arrays = numpy.load(project.root / "results/training/adam/hidden_3/parameters.npz")
    of_group = networks.query("optimizer == 'adam' and hidden_size == 3")
    for index, (_, row) in enumerate(of_group.iterrows()):
        held_out = pandas.read_csv(project.root / f"results/data/held_out/{row['data_seed']}.csv")
        w, b, v, c = (arrays[f"final_{name}"][index] for name in "wbvc")
        value = numpy.maximum(numpy.outer(held_out["x"], w) + b, 0) @ v + c
        assert row["held_out_loss"] == pytest.approx(numpy.mean((value - held_out["y"]) ** 2))
    assert set(table(project, "summary")["measure"]) == {"held_out_loss"}
    fits = table(project, "fits")
    assert (fits["x"].min(), fits["x"].max()) == pytest.approx(
        (frame["year"].min(), frame["year"].max())
    )
    assert fits["median"].abs().max() < 1e-8
    assert "y_true" not in fits

    (project.root / "mine.csv").write_text(
        (project.root / "mine.csv").read_text() + "2020,C,3e-9\n"
    )
    said = project.plan(OVERLAY)
    assert "changed file mine.csv" in said
    again = project.snakemake("--dry-run", "--", *wanted, overlay=OVERLAY).jobs
    assert again["data"] == 1
    assert again["training_together"] == 2


@pytest.mark.slow
def test_everything_says_what_it_is_about(measured):
    project, _ = measured
    run = project.snakemake(overlay=OVERLAY)
    assert run.code == 0, run.text
    figures = {path.stem for path in (project.root / "results/figures").glob("*.svg")}
    assert {"measurements", "held_out_loss", "fits"} <= figures
    assert not {"data", "excess_risk", "error_decomposition"} & figures
    page = (project.root / "results/report/index.html").read_text()
    for word in ("excess risk", "true model", "noise variance", "variance of the noise"):
        assert word not in page.lower()
    for word in ("mine.csv", "height in m", "held-out loss", "split"):
        assert word in page


def test_a_mistake_in_the_file_costs_one_sentence_and_no_torch(measured):
    project, _ = measured
    (project.root / "src/torch.py").write_text("raise SystemExit('torch was imported')")
    text = (project.root / "mine.csv").read_text().splitlines()
    text[6] = text[6].rsplit(",", 1)[0] + ",unknown"
    (project.root / "mine.csv").write_text("\n".join(text))
    run = project.snakemake(overlay=OVERLAY)
    assert run.code != 0
    assert "line 7 of mine.csv, column 'height in m': 'unknown' is not a number" in run.text
    (project.root / "mine.csv").unlink()
    run = project.snakemake(overlay=OVERLAY)
    assert "'data.file' is \"mine.csv\", which cannot be read: No such file" in run.text
    assert "Traceback" not in run.text
    assert "torch was imported" not in run.text
    assert not (project.root / "results").exists()
