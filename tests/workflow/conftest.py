"""Projects on which the real Snakemake runs."""

import shutil

import pytest
from project import Project, copy_sources


@pytest.fixture
def sources(tmp_path):
    """A project that has not been run."""
    return copy_sources(tmp_path / "project")


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A project after one complete run, and that run; not to be changed."""
    project = copy_sources(tmp_path_factory.mktemp("finished") / "project")
    run = project.snakemake()
    assert run.code == 0, run.text
    return project, run


@pytest.fixture
def project(finished, tmp_path):
    """A copy of the finished project, to be edited."""
    shutil.copytree(finished[0].root, tmp_path / "project")
    return Project(tmp_path / "project")
