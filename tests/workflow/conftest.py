"""Projects on which the real Snakemake runs."""

import shutil

import pytest
from filelock import FileLock
from project import Project, Run, copy_sources


@pytest.fixture
def sources(tmp_path):
    """A project that has not been run."""
    return copy_sources(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id):
    """A project after one complete run, and that run; not to be changed.

    Tests run side by side in several processes (pytest-xdist), which share it: the first to need it
    makes it.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "finished"
    said = shared / "said.txt"
    with FileLock(f"{shared}.lock"):
        if not said.exists():
            run = copy_sources(shared / "project").snakemake()
            assert run.code == 0, run.text
            said.write_text(run.text)
    return Project(shared / "project"), Run(0, said.read_text())


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished project, to be edited."""
    shutil.copytree(finished[0].root, tmp_path / "project")
    return Project(tmp_path / "project")
