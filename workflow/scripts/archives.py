"""Archives of named arrays (npz), written whole, and read or joined a part at a time."""

import zipfile
from contextlib import ExitStack

import numpy
from numpy.lib import format as npy

from files import recorded, verified


def write_arrays(path, arrays):
    """Write named arrays."""
    with recorded(path) as temporary:
        numpy.savez(temporary, **{name: numpy.asarray(a, order="C") for name, a in arrays.items()})


def read_arrays(path):
    """Read all arrays."""
    with numpy.load(verified(path)) as arrays:
        return dict(arrays)


def read_parts(path, names, rows):
    """Read some arrays of equal length together, so many rows at a time: dictionaries, in turn."""
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


def join_arrays(paths, path):
    """Write archives' arrays one after another along their first axis, one in memory at a time."""
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


def _header_of(path, name):
    with zipfile.ZipFile(path) as archive, archive.open(name) as member:
        return _header(member)


def _header(member):
    """Shape and dtype, and go on to the first number."""
    npy.read_magic(member)
    shape, _, dtype = npy.read_array_header_1_0(member)
    return shape, dtype


def _next_rows(member, shape, dtype):
    size = int(numpy.prod(shape)) * dtype.itemsize
    return numpy.frombuffer(bytearray(member.read(size)), dtype).reshape(shape)
