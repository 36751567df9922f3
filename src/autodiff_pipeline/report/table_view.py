"""Tables as the page shows them: short numbers, and columns by whose values rows can be chosen."""

import itertools
import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas
from pandas import DataFrame, Series

SHOWN_AT_FIRST = 10  # rows
MOST_CHOICES = 40  # values of a column, among which to choose
KEYS = ("order", "hidden_size", "other_hidden_size", "data_seed", "init_seed")  # numbers that name


class Column(NamedTuple):
    """A column of a table."""

    name: str
    is_numeric: bool
    choices: list[str]  # its values, where there are a few and they name something


class TableView(NamedTuple):
    """A table, cut after so many rows that a page can carry it."""

    columns: list[Column]
    first: list[list[str]]  # rows, shown without a script
    data: str  # JSON: all rows that the page carries
    carried: int  # rows


def table_views(tables: Mapping[str, DataFrame], budget: int) -> dict[str, TableView]:
    """The views of tables; the longest are cut where all together would exceed the budget.

    Args: tables by name; budget, the most characters that the rows of all may take.
    """
    rows = {
        name: [_row(cells) for cells in zip(*_columns(t), strict=True)]
        for name, t in tables.items()
    }
    views: dict[str, TableView] = {}
    for name in sorted(rows, key=lambda name: sum(map(len, rows[name]))):
        share = budget // (len(rows) - len(views))
        ends = itertools.accumulate(len(row) + 1 for row in rows[name])
        carried = sum(end <= share for end in ends)
        data = f"[{','.join(rows[name][:carried])}]"
        budget -= len(data)
        frame = tables[name]
        first = [json.loads(row) for row in rows[name][:SHOWN_AT_FIRST]]
        columns = [_column(frame[column]) for column in frame.columns]
        views[name] = TableView(columns, first, data, carried)
    return views


def short(value: Any) -> str:
    """A cell in a few characters: numbers to four digits, nothing where there is none."""
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e6 else f"{value:.4g}"
    return "" if value is None or value is pandas.NA else str(value)


def _columns(frame: DataFrame) -> list[list[str]]:
    return [[short(value) for value in frame[name]] for name in frame.columns]


def _row(cells: tuple[str, ...]) -> str:
    """A row as JSON that cannot end a script element."""
    text = json.dumps(cells, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c")


def _column(values: Series) -> Column:
    name = str(values.name)
    is_bool = values.dtype == bool
    is_numeric = pandas.api.types.is_numeric_dtype(values) and not is_bool
    names_something = name in KEYS or not (is_numeric or name == "note")
    distinct = values.dropna().unique()
    few = names_something and 1 < len(distinct) <= min(MOST_CHOICES, max(len(values) // 2, 2))
    return Column(name, is_numeric, [short(value) for value in distinct] if few else [])
