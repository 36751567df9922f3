"""The workflow runs wherever it lies, from wherever it is called, and within other workflows."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from project import SMALL, Project, copy_sources

pytestmark = pytest.mark.workflow

TARGETS = ["results/tables/summary.csv", "results/figures/seeds.svg", "results/figures/seeds.png"]


@pytest.fixture
def expected(finished):
    """The bytes of the targets where nothing is out of the ordinary."""
    return targets_in(finished[0])


def targets_in(project):
    return {name: (project.root / name).read_bytes() for name in TARGETS}


def test_a_folder_with_spaces_and_letters_of_other_alphabets(tmp_path, expected):
    project = copy_sources(tmp_path / "naïve  Größe 研究 ☂")
    run = project.snakemake(*TARGETS)
    assert run.code == 0, run.text
    assert targets_in(project) == expected


@pytest.mark.slow
def test_another_directory(sources, tmp_path, expected):
    elsewhere = Project(tmp_path / "else where")
    elsewhere.root.mkdir()
    (elsewhere.root / "small.yaml").write_text(yaml.safe_dump(SMALL))
    run = sources.snakemake("--directory", str(elsewhere.root), *TARGETS)
    assert run.code == 0, run.text
    assert targets_in(elsewhere) == expected
    assert not (sources.root / "results").exists()


@pytest.mark.slow
@pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounting takes root"
)
def test_sources_that_cannot_be_written(sources, tmp_path, expected):
    elsewhere = Project(tmp_path / "elsewhere")
    elsewhere.root.mkdir()
    (elsewhere.root / "small.yaml").write_text(yaml.safe_dump(SMALL))
    script = (
        f"mount --bind {sources.root} {sources.root} && "
        f'mount -o remount,bind,ro {sources.root} && ! touch {sources.root}/config.yaml && "$@"'
    )
    run = sources.snakemake(
        *("--snakefile", str(sources.root / "Snakefile")),
        *("--directory", str(elsewhere.root)),
        *TARGETS,
        before=("unshare", "--mount", "sh", "-c", script, "sh"),
    )
    assert run.code == 0, run.text
    assert targets_in(elsewhere) == expected


@pytest.mark.slow
def test_as_a_module_of_another_workflow(tmp_path, expected):
    example = tmp_path / "example"
    shutil.copytree(Path(__file__).parent / "module", example)
    copy_sources(example / "autodiff-pipeline")
    (example / "config.yaml").write_text(yaml.safe_dump({"networks": SMALL}))
    run = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=example,
        env={**os.environ, "PYTHONPATH": str(example / "autodiff-pipeline/src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert targets_in(Project(example / "networks")) == expected
    best = (example / "best.txt").read_text()
    assert best.startswith("3 hidden units by ")
