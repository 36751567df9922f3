"""The shell round every step: what a job prints goes to its log, and so do its errors."""

import atexit
import ctypes
import gc
import os
import sys
import traceback
from pathlib import Path

# Importing torch makes 250,000 objects and no garbage: looking for it, then and at the end, was
# seen to take a fifth of the second that a process needs to start.
gc.set_threshold(100_000)
atexit.register(gc.freeze)


def start(snakemake):
    """Send everything this process prints from here on to the job's log.

    Returns `say`, which prints a line of progress to the log and to the terminal. An error ends
    the job with its traceback in the log. The terminal shows that too, or one sentence where it may
    be a mistake of the user's (ValueError, OSError).
    """
    path = Path(snakemake.log[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    terminal = os.fdopen(os.dup(sys.stderr.fileno()), "w", buffering=1)
    try:
        log = path.open("w", buffering=1)
    except OSError as error:
        sys.exit(f"{path} cannot be written: {error.strerror}")
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(log.fileno(), stream.fileno())
    title = " ".join([snakemake.rule, *snakemake.wildcards])

    def say(message):
        print(f"[{title}] {message}", file=terminal)  # first: the log's disk may be full
        print(message, file=log)

    def fail(kind, error, trace):
        report = "".join(traceback.format_exception(kind, error, trace))
        is_mistake = issubclass(kind, ValueError | OSError)
        print(f"[{title}] {kind.__name__}: {error}" if is_mistake else report, file=terminal)
        print(report, file=log)

    sys.excepthook = fail
    return say


def keep_freed_memory():
    """Let glibc reuse large temporaries instead of returning them to the system at every step.

    Page faults were seen to make dense training three times slower. Elsewhere nothing happens.
    """
    trim_threshold, mmap_threshold = -1, -3  # of mallopt(3)
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for parameter in (trim_threshold, mmap_threshold):
        mallopt(parameter, 2**30)
