"""Files that appear whole or not at all, and whose damage is noticed.

Beside each recorded file a hidden file holds its SHA-256. A recorded file that has since been
truncated, corrupted or edited is not read; an error names it.
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
    """Yield a temporary path to write to, and rename it to ``path`` once it is complete.

    Raises OSError with one sentence that names ``path`` if the disk is full.
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
    """As `whole`, and record the checksum of what was written."""
    with whole(path) as temporary:
        yield temporary
        with whole(_record_of(path)) as record:
            record.write_text(_checksum(temporary))


def verified(path: AnyPath) -> Path:
    """The path, after a check that its file has not changed since it was written.

    A file without a recorded checksum is accepted: it was not written by the workflow, or it was
    copied without the record. Raises ValueError where the checksum differs.
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
    """A digest of the contents of the files and of the parameters, which are any JSON value."""
    contents = [_checksum(path) for path in paths]
    everything = json.dumps([contents, parameters], sort_keys=True)
    return hashlib.sha256(everything.encode()).hexdigest()


def _record_of(path: AnyPath) -> Path:
    path = Path(path)
    return path.with_name(f".{path.name}.sha256")


def _checksum(path: AnyPath) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
