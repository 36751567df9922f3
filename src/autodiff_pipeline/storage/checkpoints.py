"""What an interrupted job leaves for the next job that does exactly the same."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from numpy.typing import ArrayLike

from autodiff_pipeline.storage.arrays import Arrays, read_arrays, write_arrays
from autodiff_pipeline.storage.files import remove


class Checkpoint(NamedTuple):
    """A file of named arrays, of use only where nothing has changed that they depend on."""

    path: Path
    fingerprint: str  # of everything that the job depends on

    def write(self, arrays: Mapping[str, ArrayLike]) -> None:
        """Keep named arrays in place of those kept before."""
        write_arrays(self.path, {**arrays, "fingerprint": self.fingerprint})

    def read(self, say: Callable[[str], None]) -> Arrays | None:
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

    def remove(self) -> None:
        """Forget what was kept."""
        remove(self.path)
