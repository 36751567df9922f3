"""What an interrupted job leaves for the next one that does the very same."""

from pathlib import Path
from typing import NamedTuple

from archives import read_arrays, write_arrays
from files import remove


class Checkpoint(NamedTuple):
    """A file of named arrays, good only for what depends on the very same."""

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
        remove(self.path)
