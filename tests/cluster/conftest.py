"""One local run to compare with, and projects that run while a test does something to them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from project import SMALL, Project, copy_sources

# Two jobs of training, a few seconds each, so that a fault can hit one on its way.
OVERLAY = {
    **SMALL,
    "training": {**SMALL["training"], "hidden_sizes": [3], "epochs": 1500},
}


@dataclass(frozen=True)
class Cluster:
    """A project that is run through a profile."""

    project: Project
    arguments: tuple

    def run(self, *arguments, overlay=OVERLAY):
        return self.project.snakemake(
            "--cores", "100", *self.arguments, *arguments, overlay=overlay
        )

    def start(self, *arguments):
        """Run in the background; the result is that of `run`."""
        return ThreadPoolExecutor(1).submit(self.run, *arguments)

    def is_training(self, optimizer):
        """Whether the training of an optimizer is under way."""
        log = self.project.root / f"results/logs/training/{optimizer}/hidden_3.log"
        return log.exists() and "epoch" in log.read_text()


@pytest.fixture
def on_cluster(tmp_path):
    """Give a function: a project that has not been run, to be run with arguments."""
    return lambda *arguments: Cluster(copy_sources(tmp_path / "project"), arguments)


@pytest.fixture(scope="session")
def local(tmp_path_factory):
    """The results of a local run, figures aside."""
    project = copy_sources(tmp_path_factory.mktemp("local") / "project")
    run = project.snakemake("--", "tables", overlay=OVERLAY)
    assert run.code == 0, run.text
    return project.results()
