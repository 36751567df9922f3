"""The workflow on a real SLURM gives the bytes of a local run, whatever happens to its jobs."""

import shutil
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from cluster import slurm

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        find_spec("snakemake_executor_plugin_slurm") is None,
        reason="snakemake-executor-plugin-slurm is missing: it is in the extra [cluster]",
    ),
    pytest.mark.skipif(
        bool(slurm.missing()),
        reason="SLURM is missing: python tests/cluster/slurm.py install",
    ),
]
TABLE = "results/tables/networks.csv"


@pytest.fixture(scope="module")
def nodes():
    """The folder of a SLURM of three nodes."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))  # short: it holds sockets
    try:
        slurm.start(folder)
        yield folder
    finally:
        slurm.stop(folder)
        shutil.rmtree(folder)


@pytest.fixture
def cluster(nodes, on_cluster, monkeypatch):
    """A project that runs on SLURM, asked more often than a user would."""
    monkeypatch.setenv("PATH", f"{nodes}/bin", prepend=":")
    return on_cluster(
        *("--workflow-profile", "workflow/profiles/slurm"),
        *("--slurm-init-seconds-before-status-checks", "1"),
    )


def job_of(nodes, optimizer):
    """The identity in SLURM of a running job of training, and its node."""
    for line in slurm.run(nodes, "squeue", "-h", "-t", "RUNNING", "-o", "%A %N %k").splitlines():
        job, node, comment = line.split(maxsplit=2)
        if comment.startswith("rule_training") and optimizer in comment:
            return job, node
    raise RuntimeError(f"no job trains by {optimizer}")


def test_slurm_gives_the_bytes_of_a_local_run(cluster, local):
    run = cluster.run("--", "tables")
    assert run.code == 0, run.text
    assert (
        run.text.count("submitted with SLURM jobid") == 5
    )  # derivatives, gradients, training, best
    assert cluster.project.results() == local


def test_a_cancelled_job_is_retried(cluster, nodes, local):
    running = cluster.start(TABLE)
    slurm.wait_for("training", lambda: cluster.is_training("adam"), seconds=100)
    job, _ = job_of(nodes, "adam")
    slurm.run(nodes, "scancel", job)
    run = running.result()
    assert run.code == 0, run.text
    assert f"SLURM-job '{job}' failed, SLURM status is: 'CANCELLED'" in run.text
    assert cluster.project.results().items() <= local.items()


def test_the_jobs_of_a_dead_node_are_retried_on_another(cluster, nodes, local):
    running = cluster.start(TABLE)
    slurm.wait_for("training", lambda: cluster.is_training("adam"), seconds=100)
    job, node = job_of(nodes, "adam")
    slurm.kill_node(nodes, node)
    run = running.result()
    assert run.code == 0, run.text
    assert f"SLURM-job '{job}' failed due to a node failure" in run.text
    assert cluster.project.results().items() <= local.items()
