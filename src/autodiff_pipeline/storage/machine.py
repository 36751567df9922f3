"""The machine and the process of a job: cores, memory, the C++ compiler."""

import atexit
import ctypes
import gc
import os
import shutil
import sysconfig
from pathlib import Path

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)


def has_compiler() -> bool:
    """Whether `torch.compile` can work here: it needs a C++ compiler and Python's headers."""
    headers = Path(sysconfig.get_path("include"), "Python.h")
    return shutil.which("c++") is not None and headers.exists()


def use_cores(count: int) -> None:
    """Restrict this process to the first ``count`` of its cores, where the system can do that.

    Libraries that use every core they see, as JAX does, then see no others.
    """
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


def collect_garbage_seldom() -> None:
    """Run Python's garbage collector seldom, and not at all at exit.

    Importing torch makes many objects and no garbage. Searching them, then and at exit, takes a
    good part of the time of a short job.
    """
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)


def keep_freed_memory() -> None:
    """Let glibc reuse large temporaries instead of returning them to the system at every step.

    Without this, page faults slow dense training down. With other C libraries, which
    have no such setting, nothing happens.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for parameter in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
        mallopt(parameter, 2**30)
