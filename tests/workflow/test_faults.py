"""Whatever dies, the next run gives the bytes of a run that nothing disturbed."""

import contextlib
import os
import random
import shutil
import signal
import time

import psutil
import pytest
from project import SMALL, copy_sources

pytestmark = pytest.mark.workflow

TABLES = ["results/tables/networks.csv", "results/tables/convergence.csv"]
ADAM = "results/training/adam/hidden_3"
# One training of seconds for each optimizer, with a checkpoint every few moments.
LONG = {
    **SMALL,
    "training": {
        **SMALL["training"],
        "hidden_sizes": [3],
        "epochs": 6000,
        "checkpoint_every": 100,
    },
}
SWEEP = {**LONG, "training": {**LONG["training"], "epochs": 1500, "seeds_per_job": 1}}
KILLS = 20


def undisturbed(folder, overlay):
    project = copy_sources(folder / "project")
    run = project.snakemake(*TABLES, overlay=overlay)
    assert run.code == 0, run.text
    return project.results()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return undisturbed(tmp_path_factory.mktemp("undisturbed"), LONG)


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def job_processes(project, script=""):
    """The processes of running jobs."""
    scripts = f"{project.root}/.snakemake/scripts/"
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if any(scripts in word and script in word for word in process.cmdline()):
                found.append(process)
    return found


def kill_job_at_its_checkpoint(project):
    """Kill the training by adam once it has kept a checkpoint."""
    wait_for((project.root / f"{ADAM}.checkpoint.npz").exists)
    for process in job_processes(project, "training.py"):
        with contextlib.suppress(psutil.Error):
            if (project.root / "results/logs/training/adam/hidden_3.log").samefile(
                f"/proc/{process.pid}/fd/1"
            ):
                process.kill()


def kill_run(running):
    """Kill a run and all its jobs at once, as a machine that loses its power."""
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


@pytest.mark.slow
def test_a_killed_job_goes_on_in_the_next_run(sources, expected):
    running = sources.start(*TABLES, overlay=LONG)
    kill_job_at_its_checkpoint(sources)
    running.communicate()
    assert running.returncode != 0
    planned = sources.snakemake(*TABLES, "--dry-run", overlay=LONG).jobs
    assert planned == {"training": 1, "table_networks": 1, "table_convergence": 1}
    run = sources.snakemake(*TABLES, overlay=LONG)
    assert run.code == 0, run.text
    assert "resumes from epoch" in sources.logs()
    assert sources.results() == expected


@pytest.mark.slow
def test_a_killed_job_goes_on_in_its_retry(sources, expected):
    running = sources.start(*TABLES, "--retries", "1", overlay=LONG)
    kill_job_at_its_checkpoint(sources)
    text, _ = running.communicate()
    assert running.returncode == 0, text
    assert "resumes from epoch" in sources.logs()
    assert sources.results() == expected


@pytest.mark.slow
def test_a_killed_run_goes_on_once_it_is_unlocked(sources, expected):
    running = sources.start(*TABLES, overlay=LONG, start_new_session=True)
    wait_for((sources.root / f"{ADAM}.checkpoint.npz").exists)
    kill_run(running)
    locked = sources.snakemake(*TABLES, overlay=LONG)
    assert locked.code != 0
    assert "--unlock" in locked.text
    assert sources.snakemake("--unlock", overlay=LONG).code == 0
    run = sources.snakemake(*TABLES, "--rerun-incomplete", overlay=LONG)
    assert run.code == 0, run.text
    assert "resumes from epoch" in sources.logs()
    assert "data" not in run.jobs
    assert sources.results() == expected


@pytest.mark.slow
def test_a_second_user_in_the_same_folder_is_told_so(sources, expected):
    first = sources.start(*TABLES, overlay=LONG)
    wait_for(lambda: job_processes(sources))
    second = sources.snakemake(*TABLES, overlay=LONG)
    assert second.code != 0
    assert "another run is using this folder" in second.text
    text, _ = first.communicate()
    assert first.returncode == 0, text
    assert sources.results() == expected


def truncate(path):
    path.write_bytes(path.read_bytes()[:-7])


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("results/data/0.csv", truncate),
        ("results/training/adam/hidden_3/history.csv", flip),
        pytest.param(
            "results/training/adam/hidden_3/networks.csv", truncate, marks=pytest.mark.slow
        ),
        pytest.param("results/training/adam/hidden_3/parameters.npz", flip, marks=pytest.mark.slow),
    ],
)
def test_a_damaged_file_is_named_and_never_read(project, name, damage):
    before = project.results()
    damage(project.root / name)
    run = project.snakemake()
    assert run.code != 0
    assert f"{name} is not as it was written" in run.text
    assert "Traceback" not in run.text
    (project.root / name).unlink()
    run = project.snakemake(*TABLES)
    assert run.code == 0, run.text
    # What fed none but finished tables need not come back.
    after = project.results()
    assert after.items() <= before.items()
    assert set(TABLES) <= set(after)


# A script that mounts a small or a read-only disk on results/ for the command it is given.
def on_disk(options):
    script = f'mount -t tmpfs -o {options} tmpfs results && "$@"'
    return ("unshare", "--mount", "sh", "-c", script, "sh")


needs_mount = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="mounting takes root"
)


@pytest.mark.slow
@needs_mount
def test_a_full_disk_is_one_sentence_and_costs_nothing(sources, expected):
    (sources.root / "results").mkdir()
    # The same disk, once it has been made larger, serves the next run.
    script = (
        'mount -t tmpfs -o size=64k tmpfs results && ! "$@" && '
        'mount -o remount,size=64m results && "$@" && cp -r results kept'
    )
    run = sources.snakemake(
        *TABLES, overlay=LONG, before=("unshare", "--mount", "sh", "-c", script, "sh")
    )
    assert run.code == 0, run.text
    assert "cannot be written: No space left on device" in run.text
    assert "Traceback" not in run.text
    (sources.root / "results").rmdir()
    (sources.root / "kept").rename(sources.root / "results")
    assert sources.results() == expected


@needs_mount
def test_an_unwritable_folder_is_one_sentence(sources):
    (sources.root / "results").mkdir()
    run = sources.snakemake(before=on_disk("ro"))
    assert run.code != 0
    assert f"autodiff-pipeline: {sources.root}/results cannot be written" in run.text
    assert "Traceback" not in run.text


def test_a_file_in_place_of_the_folder_is_one_sentence(sources):
    (sources.root / "results").touch()
    run = sources.snakemake()
    assert run.code != 0
    assert f"autodiff-pipeline: {sources.root}/results cannot be written" in run.text
    assert "Traceback" not in run.text


@pytest.mark.faults
def test_twenty_random_kills_change_nothing(sources, tmp_path):
    expected = undisturbed(tmp_path / "undisturbed", SWEEP)
    stream = random.Random(1)
    kills = {"job": 0, "run": 0}
    arguments = (*TABLES, "--retries", "100", "--rerun-incomplete")
    while sum(kills.values()) < KILLS:
        sources.snakemake("--unlock", overlay=SWEEP)
        with (tmp_path / "log").open("w") as log:  # a pipe that nobody reads would fill up
            running = sources.start(*arguments, overlay=SWEEP, start_new_session=True, stdout=log)
        whole_run = stream.random() < 0.3
        while running.poll() is None and sum(kills.values()) < KILLS:
            time.sleep(stream.uniform(0.2, 2.0))
            if not (victims := job_processes(sources)):
                continue
            if whole_run:
                kill_run(running)
                kills["run"] += 1
            else:
                with contextlib.suppress(psutil.Error):
                    stream.choice(victims).kill()
                    kills["job"] += 1
        assert running.wait() in (0, -signal.SIGKILL), (tmp_path / "log").read_text()
        if sum(kills.values()) < KILLS and running.returncode == 0:
            shutil.rmtree(sources.root / "results")  # it was too fast: let it work again
    print(f"{kills['job']} jobs and {kills['run']} whole runs were killed")
    sources.snakemake("--unlock", overlay=SWEEP)
    run = sources.snakemake(*arguments, overlay=SWEEP)
    assert run.code == 0, run.text
    assert sources.results() == expected
