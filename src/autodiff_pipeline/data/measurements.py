"""A user's own measurements: two columns of a CSV file, checked cell by cell.

Nothing here imports torch or pandas, so the file is read while the workflow is planned, and a
mistake in it costs one sentence, which names the line.
"""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

FEWEST_ROWS = 10
FEWEST_INPUTS = 3  # different values of x, which a quadratic takes
HELD_OUT = 5  # one row in so many is held out of training
LARGEST = 1e300  # of values; beyond, differences overflow
MISSING = {"", "na", "n/a", "nan", "null", "none", "-", "?"}  # in any case

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_INFINITE = re.compile(r"[+-]?inf(inity)?", re.IGNORECASE)
_LONGEST = 60  # characters that a sentence shows of a cell


class MeasurementsError(ValueError):
    """A file that holds no measurements; the message is one sentence."""


class Column(NamedTuple):
    """A column of a file, and the affine map that standardizes it."""

    name: str
    mean: float
    standard_deviation: float  # of the rows as a whole population: divided by their number
    smallest: float
    largest: float


class Measured(NamedTuple):
    """The rows of a file, and what its two columns are."""

    x: tuple[float, ...]
    y: tuple[float, ...]
    columns: tuple[Column, Column]  # of x and of y

    @property
    def held_out(self) -> int:
        """How many rows are held out: a fifth, rounded up."""
        return -(-len(self.x) // HELD_OUT)


def steady_scale(measured: Measured) -> float:
    """A unit for x, in standard deviations, in which a quadratic can be fitted by gradient descent.

    In it the fourth moment of x is 3, as that of a normal distribution is in standard deviations.
    So in whatever four fifths of the rows it is at most 15/4, the second moment at most its root,
    and the largest curvature of the squared error of c0 + c1 x + c2 x², which is at most twice the
    sum of the moments of order 0, 2 and 4, at most 14: steps of up to 1/7 never diverge, however
    far out some rows lie.
    """
    column = measured.columns[0]
    powers = (((x - column.mean) / column.standard_deviation) ** 4 for x in measured.x)
    fourth_moment = math.fsum(powers) / len(measured.x)
    return float((fourth_moment / 3) ** 0.25)


def measurements(content: bytes, file: str, x: str, y: str) -> Measured:
    """Two columns of a CSV file with a header, separated by commas; blank lines are skipped.

    Args: content, of the file; file, its name, to be named in errors; x and y, names of columns.
    Raises MeasurementsError with one sentence that names the line for the first mistake found.
    """
    rows = _rows(content, file)
    line, header = next(rows, (1, []))
    if not header:
        raise MeasurementsError(f"{file} is empty: line 1 has to name the columns, as in {x},{y}")
    places = [_place(header, name, f"line {line} of {file}") for name in (x, y)]
    values: tuple[list[float], list[float]] = ([], [])
    for line, cells in rows:
        if len(cells) != len(header):
            raise MeasurementsError(
                f"line {line} of {file} has {_count(len(cells), 'cell')}, but its header names "
                f"{_count(len(header), 'column')}; give every row a cell for each"
            )
        for place, column in zip(places, values, strict=True):
            where = f"line {line} of {file}, column '{_short(header[place])}'"
            column.append(_value(cells[place], where))
    if len(values[0]) < FEWEST_ROWS:
        raise MeasurementsError(
            f"{file} has {_count(len(values[0]), 'row')} of values, the last in line {line}; "
            f"give at least {FEWEST_ROWS}"
        )
    columns = tuple(_column(v, name, file) for v, name in zip(values, (x, y), strict=True))
    if (different := len(set(values[0]))) < FEWEST_INPUTS:
        raise MeasurementsError(
            f"column '{x}' of {file} has {_count(different, 'different value')} only; "
            f"give at least {FEWEST_INPUTS} different values of x"
        )
    return Measured(tuple(values[0]), tuple(values[1]), (columns[0], columns[1]))


def _rows(content: bytes, file: str) -> Iterator[tuple[int, list[str]]]:
    """The number of the line on which a row ends, and its cells without spaces around them."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MeasurementsError(
            f"line {line} of {file} is not UTF-8 text; save the file as UTF-8"
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise MeasurementsError(
            f"line {reader.line_num} of {file} is not CSV: {error}; give cells separated by commas"
        ) from None


def _place(header: list[str], name: str, where: str) -> int:
    count = Counter(header)[name]
    if count == 1:
        return header.index(name)
    if count:
        raise MeasurementsError(f"{where} names the column '{name}' {count} times; keep one")
    known = ", ".join(f"'{_short(column)}'" for column in header[:20])
    raise MeasurementsError(f"{where} names no column '{name}'; the columns there are {known}")


def _value(cell: str, where: str) -> float:
    if cell.lower() in MISSING:
        raise MeasurementsError(
            f"{where}: the value is missing; give a number or leave out the row"
        )
    if _NUMBER.fullmatch(cell):
        value = float(cell)
        if math.isfinite(value):
            return value
    elif not _INFINITE.fullmatch(cell):
        raise MeasurementsError(f"{where}: '{_short(cell)}' is not a number; give one such as 9.02")
    raise MeasurementsError(f"{where}: '{_short(cell)}' is not finite; give a finite number")


def _column(values: list[float], name: str, file: str) -> Column:
    smallest, largest = min(values), max(values)
    if smallest == largest:
        raise MeasurementsError(
            f"column '{name}' of {file} is {smallest:g} in every row; give values that differ"
        )
    reach = max(abs(smallest), abs(largest))
    mean = reach * (math.fsum(value / reach for value in values) / len(values))
    apart = max(mean - smallest, largest - mean)  # so that no square overflows or vanishes
    spread = math.sqrt(math.fsum(((value - mean) / apart) ** 2 for value in values) / len(values))
    deviation = apart * spread
    if reach > LARGEST or deviation < 1 / LARGEST:
        raise MeasurementsError(
            f"column '{name}' of {file} reaches from {smallest:g} to {largest:g}, too close to the "
            "limits of floating-point numbers; give it in another unit"
        )
    return Column(name, mean, deviation, smallest, largest)


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' * (count != 1)}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
