"""Checkpoints: what an interrupted job leaves, so that its repetition can resume."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from numpy.typing import ArrayLike

from autodiff_pipeline.storage.arrays import Arrays, read_arrays, write_arrays
from autodiff_pipeline.storage.files import remove


class Checkpoint(NamedTuple):
    """A file of named arrays that is used only if nothing that they depend on has changed."""

    path: Path
    fingerprint: str  # of everything that the job depends on

    def write(self, arrays: Mapping[str, ArrayLike]) -> None:
        """Store named arrays in place of those stored before."""
        write_arrays(self.path, {**arrays, "fingerprint": self.fingerprint})

    def read(self, say: Callable[[str], None]) -> Arrays | None:
        """The stored arrays, or None; if they cannot be used, ``say`` is called with the reason."""
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

    def remove(self) -> None:
        """Remove the file, if it is there."""
        remove(self.path)
