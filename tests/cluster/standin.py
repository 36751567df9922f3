"""A scheduler's stand-in: takes, reports and cancels jobs with the words of PBS, on this machine.

    standin.py FOLDER submit [OPTIONS] SCRIPT     # qsub: prints the job's identity at once
    standin.py FOLDER status [OPTIONS] IDENTITY   # qstat: its state and how it ended
    standin.py FOLDER cancel IDENTITY ...         # qdel

The folder keeps one folder a job. Options are read by nobody: there is one machine to choose.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path


def submit(folder, *arguments):
    folder.mkdir(exist_ok=True)
    job = folder / f"{len(list(folder.iterdir()))}.standin"
    job.mkdir()
    subprocess.Popen(
        [sys.executable, __file__, folder, "execute", job.name, arguments[-1]],
        stdin=subprocess.DEVNULL,
        stdout=(job / "output").open("w"),  # a pipe would be waited for
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    print(job.name)


def execute(folder, identity, script):
    """Run a job and write down how it ended, whatever happens to it."""
    job = folder / identity
    process = subprocess.Popen(["sh", script], start_new_session=True)
    (job / "pid").write_text(str(process.pid))
    code = process.wait()
    (job / "ended").write_text(str(256 - code if code < 0 else code))  # a signal, as in PBS


def status(folder, *arguments):
    job = folder / arguments[-1]
    if not job.is_dir():
        sys.exit(35)  # an unknown job
    ended = job / "ended"
    print(f"Job Id: {job.name}")
    if ended.exists() and ended.read_text():
        print(f"    job_state = F\n    Exit_status = {ended.read_text()}")
    else:
        print("    job_state = R")


def cancel(folder, *identities):
    for identity in identities:
        job = folder / identity
        if not (job / "ended").exists():
            os.killpg(int((job / "pid").read_text()), signal.SIGKILL)


if __name__ == "__main__":
    commands = {"submit": submit, "execute": execute, "status": status, "cancel": cancel}
    commands[sys.argv[2]](Path(sys.argv[1]), *sys.argv[3:])
