"""The log of a job, which receives everything that the job prints, and its errors."""

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from autodiff_pipeline.storage.machine import collect_garbage_seldom

Say = Callable[[str], None]


def start(snakemake: Any) -> Say:
    """Send everything that this process prints from now on to the job's log.

    Args: snakemake, the object that Snakemake gives each script.
    Returns: a function that prints a line of progress to the log.

    An error ends the job and leaves its traceback in the log. The terminal shows the traceback as
    well, or just one sentence if the error may be the user's mistake (ValueError, OSError).
    """
    collect_garbage_seldom()
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

    def say(message: str) -> None:
        print(message, file=log)

    def fail(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        report = "".join(traceback.format_exception(kind, error, trace))
        is_mistake = issubclass(kind, ValueError | OSError)
        print(f"[{title}] {kind.__name__}: {error}" if is_mistake else report, file=terminal)
        print(report, file=log)

    sys.excepthook = fail
    return say
