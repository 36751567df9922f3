"""Read and write the workflow's files: whole or not at all, and as they were written or not at all.

Beside each table and archive of arrays lies its SHA-256, hidden: a file that was truncated,
corrupted or edited since is named, not read.
"""

import errno
import hashlib
import itertools
import json
import os
from contextlib import contextmanager
from pathlib import Path

AT_ONCE = 2**16  # rows in memory, where a file is read in parts
LARGEST = 2**22  # rows in memory, where rows from all over a file are needed together: 100 MB


@contextmanager
def whole(path):
    """Give a name beside ``path`` to write to; it is renamed once it is complete."""
    path = Path(path)
    temporary = path.with_name(f".{path.name}.part{path.suffix}")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise OSError(f"{path} cannot be written: {error.strerror}") from None
        raise
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


def fingerprint(paths, parameters):
    """One value that changes with the contents of any of the files, and with the parameters."""
    parts = [_checksum(path) for path in paths]
    return hashlib.sha256(json.dumps([parts, parameters], sort_keys=True).encode()).hexdigest()


def write_csv(frame, path):
    """Write a frame so that every float reads back exactly."""
    with recorded(path) as temporary:
        frame.to_csv(temporary, index=False)


def read_csv(path, columns=None, rows=None):
    """Read a frame, or some columns of it, with every float exactly as it was written.

    With ``rows``, frames of so many rows each, one after the other.
    """
    import pandas

    return pandas.read_csv(
        verified(path), float_precision="round_trip", usecols=columns, chunksize=rows
    )


def read_in_turn(path, column, rows_per_value, columns=None):
    """Read all rows with some values of a column, then all with some more: frames, in turn.

    The first AT_ONCE rows have every value. A frame has LARGEST rows at most, or those of a value.
    """
    import pandas

    with read_csv(path, [column], rows=AT_ONCE) as parts:
        values = next(parts)[column].unique()
    step = max(1, LARGEST // rows_per_value)
    for first in range(0, len(values), step):
        wanted = values[first : first + step]
        parts = read_csv(path, columns, rows=AT_ONCE)
        yield pandas.concat([part[part[column].isin(wanted)] for part in parts])


def read_groups(path, keys):
    """Read consecutive rows with the same values in some columns: (values, frame), in turn."""
    import pandas

    def runs():
        for part in read_csv(path, rows=AT_ONCE):
            yield from part.groupby(keys, sort=False)

    for values, parts in itertools.groupby(runs(), key=lambda run: run[0]):
        yield values, pandas.concat([part for _, part in parts])


def write_groups(tables, groups, path):
    """Write tables below one another, each with its group's optimizer and hidden size.

    A table is any number of frames, of which one is in memory at a time.
    """
    header = True
    with recorded(path) as temporary:
        for frames, (optimizer, hidden_size) in zip(tables, groups, strict=True):
            for frame in frames:
                frame.insert(0, "hidden_size", hidden_size)
                frame.insert(1, "optimizer", optimizer)
                frame.to_csv(temporary, index=False, mode="a", header=header)
                header = False


def join_csv(paths, path):
    """Write files below one another under their common header, one in memory at a time."""
    with recorded(path) as temporary, temporary.open("wb") as joined:
        for index, part in enumerate(paths):
            header, rows = verified(part).read_bytes().split(b"\n", maxsplit=1)
            joined.write(rows if index else header + b"\n" + rows)


def remove(path):
    """Remove a file that was written here, if it is there."""
    Path(path).unlink(missing_ok=True)
    _checksum_file(path).unlink(missing_ok=True)


def _checksum_file(path):
    path = Path(path)
    return path.with_name(f".{path.name}.sha256")


def _checksum(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
