"""Read and write the workflow's files: whole or not at all, and as they were written or not at all.

Beside each table and archive of arrays lies its SHA-256, hidden: a file that was truncated,
corrupted or edited since is named, not read.
"""

import hashlib
import json
import os
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


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


@contextmanager
def recorded(path):
    """As `whole`, and keep the checksum."""
    with whole(path) as temporary:
        yield temporary
        with whole(_checksum_file(path)) as record:
            record.write_text(_checksum(temporary))


def verified(path):
    """The path of a file that is as it was written; ValueError where it is not.

    A file without a checksum beside it is not the workflow's, or was carried here without it.
    """
    path, record = Path(path), _checksum_file(path)
    if record.exists() and record.read_text() != _checksum(path):
        raise ValueError(
            f"{path} is not as it was written: truncated, corrupted or edited; "
            "delete it, and the next run makes it again"
        )
    return path


def fingerprint(paths, settings):
    """One value that changes with the contents of any of the files, and with the settings."""
    parts = [_checksum(path) for path in paths]
    return hashlib.sha256(json.dumps([parts, settings], sort_keys=True).encode()).hexdigest()


def write_csv(frame, path):
    """Write a frame so that every float reads back exactly."""
    with recorded(path) as temporary:
        frame.to_csv(temporary, index=False)


def read_csv(path, columns=None):
    """Read a frame, or some columns of it, with every float exactly as it was written."""
    import pandas

    return pandas.read_csv(verified(path), float_precision="round_trip", usecols=columns)


def write_groups(frames, groups, path):
    """Write frames below one another, each with its group's optimizer and hidden size.

    Frames are taken one at a time, so that memory does not grow with the number of groups.
    """
    with recorded(path) as temporary:
        for index, (frame, (optimizer, hidden_size)) in enumerate(zip(frames, groups, strict=True)):
            frame.insert(0, "hidden_size", hidden_size)
            frame.insert(1, "optimizer", optimizer)
            frame.to_csv(temporary, index=False, mode="a", header=index == 0)


def write_arrays(path, arrays):
    """Write named arrays."""
    import numpy

    with recorded(path) as temporary:
        numpy.savez(temporary, **arrays)


def read_arrays(path):
    """Read named arrays."""
    import numpy

    with numpy.load(verified(path)) as arrays:
        return dict(arrays)


def join_csv(paths, path):
    """Write files below one another under their common header, one in memory at a time."""
    with recorded(path) as temporary, temporary.open("wb") as joined:
        for index, part in enumerate(paths):
            header, rows = verified(part).read_bytes().split(b"\n", maxsplit=1)
            joined.write(rows if index else header + b"\n" + rows)


def join_arrays(paths, path):
    """Write archives' arrays one after another along their first axis, one name at a time."""
    import numpy

    paths = [verified(part) for part in paths]

    def joined(name):
        arrays = []
        for part in paths:
            with numpy.load(part) as archive:
                arrays.append(archive[name])
        return numpy.concatenate(arrays)

    with numpy.load(paths[0]) as first:
        names = list(first)
    with recorded(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name in names:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                numpy.lib.format.write_array(member, joined(name))


class Checkpoint(NamedTuple):
    """What an interrupted job left for the next one that does the very same."""

    path: Path
    fingerprint: str  # of all that the job depends on

    def write(self, arrays):
        """Keep named arrays instead of what was kept before."""
        write_arrays(self.path, {**arrays, "fingerprint": self.fingerprint})

    def read(self, say):
        """The arrays kept, or None; ``say`` is told of a checkpoint that cannot be used."""
        try:
            arrays = read_arrays(self.path)
        except FileNotFoundError:
            return None
        except ValueError as error:
            say(f"begins anew: {error}")
            return None
        if arrays.pop("fingerprint") != self.fingerprint:
            say(f"begins anew: {self.path} is of another configuration or code")
            return None
        return arrays

    def remove(self):
        """Forget what was kept."""
        self.path.unlink(missing_ok=True)
        _checksum_file(self.path).unlink(missing_ok=True)


def _checksum_file(path):
    path = Path(path)
    return path.with_name(f".{path.name}.sha256")


def _checksum(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
