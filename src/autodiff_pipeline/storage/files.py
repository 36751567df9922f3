"""Files that appear whole or not at all, and are read as they were written or not at all.

Beside each recorded file lies its SHA-256, hidden: a file that has been truncated, corrupted or
edited since is named, not read.
"""

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AnyPath = str | Path


@contextmanager
def whole(path: AnyPath) -> Iterator[Path]:
    """Give a name beside ``path`` to write to, and rename it to ``path`` once it is complete.

    Raises OSError in one sentence that names ``path`` where the disk is full.
    """
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
def recorded(path: AnyPath) -> Iterator[Path]:
    """Write as `whole` does, and record the checksum of what was written."""
    with whole(path) as temporary:
        yield temporary
        with whole(_record_of(path)) as record:
            record.write_text(_checksum(temporary))


def verified(path: AnyPath) -> Path:
    """The path, once its file is known to be as it was written.

    A file with no checksum beside it is taken as it is: the workflow did not write it, or it was
    copied here without its record. Raises ValueError where the checksum differs.
    """
    path, record = Path(path), _record_of(path)
    if record.exists() and record.read_text() != _checksum(path):
        raise ValueError(
            f"{path} is not as it was written: truncated, corrupted or edited; "
            "delete it, and the next run makes it again"
        )
    return path


def remove(path: AnyPath) -> None:
    """Remove a recorded file and its checksum, if they are there."""
    Path(path).unlink(missing_ok=True)
    _record_of(path).unlink(missing_ok=True)


def fingerprint(paths: Iterable[AnyPath], parameters: Any) -> str:
    """One value that changes with the content of any of the files, and with the parameters.

    Args: parameters, anything that JSON can hold.
    """
    contents = [_checksum(path) for path in paths]
    everything = json.dumps([contents, parameters], sort_keys=True)
    return hashlib.sha256(everything.encode()).hexdigest()


def _record_of(path: AnyPath) -> Path:
    path = Path(path)
    return path.with_name(f".{path.name}.sha256")


def _checksum(path: AnyPath) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
