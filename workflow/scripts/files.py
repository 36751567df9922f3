"""Read and write the workflow's files. A file appears whole or not at all."""

import os
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path):
    """Give a name beside ``path`` to write to; it is renamed once it is complete."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.part{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_csv(frame, path):
    """Write a frame so that every float reads back exactly."""
    with whole(path) as temporary:
        frame.to_csv(temporary, index=False)


def read_csv(path):
    """Read a frame with every float exactly as it was written."""
    import pandas

    return pandas.read_csv(path, float_precision="round_trip")


def write_groups(frames, groups, path):
    """Write frames below one another, each with its group's optimizer and hidden size.

    Frames are taken one at a time, so that memory does not grow with the number of groups.
    """
    with whole(path) as temporary:
        for index, (frame, (optimizer, hidden_size)) in enumerate(zip(frames, groups, strict=True)):
            frame.insert(0, "hidden_size", hidden_size)
            frame.insert(1, "optimizer", optimizer)
            frame.to_csv(temporary, index=False, mode="a", header=index == 0)


def write_arrays(path, arrays):
    """Write named arrays."""
    import numpy

    with whole(path) as temporary:
        numpy.savez(temporary, **arrays)


def read_arrays(path):
    """Read named arrays."""
    import numpy

    with numpy.load(path) as arrays:
        return dict(arrays)
