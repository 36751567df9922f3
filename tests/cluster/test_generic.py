"""The profile for other schedulers, unchanged, with a stand-in for the scheduler's commands."""

import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from cluster.conftest import OVERLAY
from cluster.slurm import wait_for

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        find_spec("snakemake_executor_plugin_cluster_generic") is None,
        reason="snakemake-executor-plugin-cluster-generic is missing: it is in the extra [cluster]",
    ),
]
TABLE = "results/tables/networks.csv"
COMMANDS = {"qsub": "submit", "qstat": "status", "qdel": "cancel"}


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """The folder of the stand-in's jobs."""
    standin = Path(__file__).with_name("standin.py")
    (tmp_path / "bin").mkdir()
    for name, command in COMMANDS.items():
        program = tmp_path / "bin" / name
        program.write_text(
            f'#!/bin/sh\nexec {sys.executable} {standin} {tmp_path}/jobs {command} "$@"\n'
        )
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=":")
    return tmp_path / "jobs"


@pytest.fixture
def cluster(jobs, on_cluster):
    """A project whose jobs the stand-in runs."""
    return on_cluster(
        *("--workflow-profile", "workflow/profiles/cluster-generic"),
        *("--seconds-between-status-checks", "1"),
    )


def test_a_scheduler_gives_the_bytes_of_a_local_run(cluster, jobs, local):
    run = cluster.run("--", "tables")
    assert run.code == 0, run.text
    assert len(list(jobs.iterdir())) == 5  # derivatives, gradients, training and the best networks
    assert cluster.project.results() == local


def test_blocks_that_share_a_job_give_the_same_bytes(cluster, jobs, local):
    profile = "workflow/profiles/cluster-generic/config.yaml"
    cluster.project.edit(profile, "# groups:", "groups:")
    cluster.project.edit(profile, "# group-components:", "group-components:")
    overlay = {**OVERLAY, "training": {**OVERLAY["training"], "seeds_per_job": 1}}
    run = cluster.run(TABLE, overlay=overlay)
    assert run.code == 0, run.text
    assert run.jobs["training_block"] == 8
    assert len(list(jobs.iterdir())) == 3  # the blocks in one, and two to join them
    assert cluster.project.results().items() <= local.items()


def test_a_job_that_dies_is_retried(cluster, jobs, local):
    running = cluster.start(TABLE)
    wait_for("training", lambda: cluster.is_training("adam"), seconds=100)
    victim = next(jobs.iterdir())
    os.killpg(int((victim / "pid").read_text()), signal.SIGKILL)
    run = running.result()
    assert run.code == 0, run.text
    assert (victim / "ended").read_text() == "265"
    assert len(list(jobs.iterdir())) == 3  # two of training, and one again
    assert cluster.project.results().items() <= local.items()
