"""Archives of named arrays (npz), whole or a few rows at a time."""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, Any

import numpy
from numpy.lib import format as npy
from numpy.typing import ArrayLike, NDArray

from autodiff_pipeline.storage.files import AnyPath, recorded, verified
from autodiff_pipeline.storage.frames import read_csv_in_parts

if TYPE_CHECKING:
    from pandas import DataFrame

ROWS = 4096  # at a time, of a table and its arrays

Arrays = dict[str, NDArray[Any]]


def write_arrays(path: AnyPath, arrays: Mapping[str, ArrayLike]) -> None:
    """Write named arrays."""
    rows = {name: numpy.asarray(array, order="C") for name, array in arrays.items()}
    with recorded(path) as temporary:
        numpy.savez(temporary, **rows)  # type: ignore[arg-type]  # no array is named allow_pickle


def read_arrays(path: AnyPath) -> Arrays:
    """Read all arrays."""
    with numpy.load(verified(path)) as arrays:
        return dict(arrays)


def read_arrays_in_parts(path: AnyPath, names: Sequence[str], rows: int) -> Iterator[Arrays]:
    """Read the named arrays, which have equal lengths, ``rows`` rows of each at a time."""
    with zipfile.ZipFile(verified(path)) as archive, ExitStack() as opened:
        members = {name: opened.enter_context(archive.open(f"{name}.npy")) for name in names}
        headers = {name: _header(member) for name, member in members.items()}
        (length,) = {shape[0] for shape, _ in headers.values()}
        for first in range(0, length, rows):
            count = min(rows, length - first)
            yield {
                name: _next_rows(members[name], (count, *shape[1:]), dtype)
                for name, (shape, dtype) in headers.items()
            }


def read_rows_with_arrays(
    table: AnyPath, archive: AnyPath, names: Sequence[str], rows: int = ROWS
) -> Iterator[tuple["DataFrame", Arrays]]:
    """Read a table and an archive's named arrays together, ``rows`` rows of each at a time."""
    frames = read_csv_in_parts(table, rows)
    return zip(frames, read_arrays_in_parts(archive, names, rows), strict=True)


def join_arrays(paths: Sequence[AnyPath], path: AnyPath) -> None:
    """Join the arrays of several archives along their first axis, with one in memory at a time."""
    parts = [verified(part) for part in paths]
    with zipfile.ZipFile(parts[0]) as first:
        members = first.namelist()
    with recorded(path) as temporary, zipfile.ZipFile(temporary, "w") as joined:
        for name in members:
            headers = [_header_of(part, name) for part in parts]
            (_, *shape), dtype = headers[0]
            length = sum(part_shape[0] for part_shape, _ in headers)
            with joined.open(name, "w", force_zip64=True) as member:
                header = {"descr": dtype.str, "fortran_order": False, "shape": (length, *shape)}
                npy.write_array_header_1_0(member, header)
                for part in parts:
                    with numpy.load(part) as arrays:
                        member.write(arrays[name.removesuffix(".npy")].tobytes())


Header = tuple[tuple[int, ...], numpy.dtype[Any]]


def _header_of(path: AnyPath, name: str) -> Header:
    with zipfile.ZipFile(path) as archive, archive.open(name) as member:
        return _header(member)


def _header(member: IO[bytes]) -> Header:
    """Shape and dtype of an array; afterwards the file is positioned at its first number."""
    npy.read_magic(member)
    shape, _, dtype = npy.read_array_header_1_0(member)
    return shape, dtype


def _next_rows(member: IO[bytes], shape: tuple[int, ...], dtype: numpy.dtype[Any]) -> NDArray[Any]:
    size = int(numpy.prod(shape)) * dtype.itemsize
    return numpy.frombuffer(bytearray(member.read(size)), dtype).reshape(shape)
