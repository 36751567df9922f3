"""Tables as CSV whose floats read back exactly (since pandas 3.1), whole or in parts.

pandas is imported only where it is needed, so that a job that just joins files starts faster.
"""

import itertools
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from autodiff_pipeline.storage.files import AnyPath, recorded, verified

if TYPE_CHECKING:
    from pandas import DataFrame

AT_ONCE = 2**16  # rows in memory when a file is read in parts
GROUP = ["hidden_size", "optimizer"]  # the columns that identify a group of networks
LARGEST = 2**22  # rows in memory when rows from all over a file are needed together
_MISSING = [""]  # the word nan is a word

Group = tuple[int, str]


def write_csv(frame: "DataFrame", path: AnyPath) -> None:
    """Write a frame so that every float reads back exactly."""
    with recorded(path) as temporary:
        frame.to_csv(temporary, index=False)


def read_csv(path: AnyPath, columns: list[str] | None = None) -> "DataFrame":
    """Read a frame, or some columns of it, with every float exactly as it was written."""
    import pandas

    return pandas.read_csv(
        verified(path), usecols=columns, keep_default_na=False, na_values=_MISSING
    )


def read_csv_in_parts(
    path: AnyPath, rows: int, columns: list[str] | None = None
) -> Iterator["DataFrame"]:
    """As `read_csv`, in frames of at most ``rows`` rows."""
    import pandas

    with pandas.read_csv(
        verified(path), usecols=columns, chunksize=rows, keep_default_na=False, na_values=_MISSING
    ) as parts:
        yield from parts


def read_head(path: AnyPath, rows: int = AT_ONCE) -> tuple["DataFrame", int]:
    """Read the first rows of a frame, and count all."""
    parts = read_csv_in_parts(path, rows)
    head = next(parts)
    return head, len(head) + sum(map(len, parts))


def read_by_value(
    path: AnyPath, column: str, rows_per_value: int, columns: list[str] | None = None
) -> Iterator["DataFrame"]:
    """Read a file in frames that each hold all rows with certain values of a column.

    Every value must occur in the first AT_ONCE rows. A frame has at most LARGEST rows, or those of
    a single value if they are more.

    Args: rows_per_value, how many rows share a value of the column.
    """
    import pandas

    values = next(read_csv_in_parts(path, AT_ONCE, [column]))[column].unique()
    step = max(1, LARGEST // rows_per_value)
    for first in range(0, len(values), step):
        wanted = values[first : first + step]
        parts = read_csv_in_parts(path, AT_ONCE, columns)
        yield pandas.concat([part[part[column].isin(wanted)] for part in parts])


def read_groups(path: AnyPath) -> Iterator[tuple[Group, "DataFrame"]]:
    """Read the rows of each hidden size and optimizer in turn; they are consecutive."""
    import pandas

    runs = itertools.chain.from_iterable(
        part.groupby(GROUP, sort=False) for part in read_csv_in_parts(path, AT_ONCE)
    )
    for group, parts in itertools.groupby(runs, key=lambda run: run[0]):
        yield group, pandas.concat([part for _, part in parts])


def write_groups(tables: Iterable[tuple[Group, Iterable["DataFrame"]]], path: AnyPath) -> None:
    """Write the tables of all groups below one another, with the group's columns in front.

    Args: tables, pairs of a group and its frames, of which one is in memory at a time.
    """
    header = True
    with recorded(path) as temporary:
        for (hidden_size, optimizer), frames in tables:
            for frame in frames:
                named = frame.assign(hidden_size=hidden_size, optimizer=optimizer)
                columns = [*GROUP, *frame.columns]
                named.to_csv(temporary, columns=columns, index=False, mode="a", header=header)
                header = False


def join_csv(paths: Iterable[AnyPath], path: AnyPath) -> None:
    """Join files below one another under their common header, with one in memory at a time."""
    with recorded(path) as temporary, temporary.open("wb") as joined:
        for index, part in enumerate(paths):
            header, rows = verified(part).read_bytes().split(b"\n", maxsplit=1)
            joined.write(rows if index else header + b"\n" + rows)
