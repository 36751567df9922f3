import subprocess
import sys
import textwrap

import pytest

SCRIPT = """
    from types import SimpleNamespace
    from autodiff_pipeline.storage.logs import start
    job = {{"log": ["logs/deep/job.log"], "rule": "training", "wildcards": ["adam", "5"]}}
    say = start(SimpleNamespace(**job))
    import os
    print("quiet")
    os.system("echo a child")
    say("loud")
    {ending}
"""


def run(ending, folder):
    script = textwrap.dedent(SCRIPT).format(ending=ending)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    return done, (folder / "logs/deep/job.log").read_text()


def test_everything_printed_goes_to_the_log_and_nothing_to_the_terminal(tmp_path):
    done, log = run("", tmp_path)
    assert done.returncode == 0
    assert sorted(log.split("\n")) == ["", "a child", "loud", "quiet"]
    assert (done.stdout, done.stderr) == ("", "")


@pytest.mark.parametrize(
    ("ending", "shown"),
    [
        ("raise ValueError('give cpu')", "[training adam 5] ValueError: give cpu\n"),
        ("raise FileNotFoundError('gone')", "[training adam 5] FileNotFoundError: gone\n"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_traceback_in_the_log(tmp_path, ending, shown):
    done, log = run(ending, tmp_path)
    assert done.returncode == 1
    assert done.stderr == shown
    assert "Traceback" in log


def test_a_fault_of_ours_shows_its_traceback_on_the_terminal_too(tmp_path):
    done, log = run("{}['missing']", tmp_path)
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert "Traceback" in log
