"""Tables compared with published ones, row by row.

Rows are matched by the columns that name them, so that a published table may hold more: those of
more systems, of more seeds.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from pandas import DataFrame, Series
from pandas.api.types import is_numeric_dtype

KEYS: Mapping[str, Sequence[str]] = {  # the columns that name a row, by table
    "derivative_accuracy": ["function", "system", "order", "dtype", "method"],
    "derivative_findings": (
        "function system order dtype method lengths kind beside_root from_x"
    ).split(),
    "derivative_kinks": ["function", "dtype", "method", "x"],
    "derivative_optima": ["function", "dtype", "scheme"],
    "error_decomposition": ["hidden_size", "optimizer"],
    "gradient_agreement": ("hidden_size init_seed stage activation quantity dtype method").split(),
    "gradient_kinks": ["hidden_size", "optimizer", "data_seed", "init_seed"],
    "minimization": ["problem", "epoch"],
    "networks": ["hidden_size", "optimizer", "data_seed", "init_seed"],
    "summary": ["hidden_size", "optimizer"],
    "trajectories": ["dtype", "gradient"],
    "variance": ["hidden_size", "optimizer", "component"],
}


def compared(name: str, table: DataFrame, published: DataFrame) -> dict[str, object]:
    """A table against the published one of the same name, one of KEYS.

    Returns: table; rows, how many both have; values, in all columns that both have; identical, how
    many of them; worst_relative_difference, of numbers, infinite where just one is missing or
    infinite; only_here and only_published, rows that the other lacks; verdict: identical where all
    values are and no row is only here, else different.
    Raises ValueError where the key names two rows of a table.
    """
    here, there = (frame.set_index(list(KEYS[name])) for frame in (table, published))
    if not (here.index.is_unique and there.index.is_unique):
        raise ValueError(f"{', '.join(KEYS[name])} name two rows of {name}")
    both = here.index.intersection(there.index)
    columns = [column for column in here if column in there]
    ours, theirs = here.loc[both], there.loc[both]
    pairs = [(ours[column], theirs[column]) for column in columns]
    values = len(both) * len(columns)
    identical = sum(int(_same(a, b).sum()) for a, b in pairs)
    only_here = len(here) - len(both)
    return {
        "table": name,
        "rows": len(both),
        "values": values,
        "identical": identical,
        "worst_relative_difference": max((_worst(a, b) for a, b in pairs), default=0.0),
        "only_here": only_here,
        "only_published": len(there) - len(both),
        "verdict": "identical" if identical == values and not only_here else "different",
    }


def _same(a: Series, b: Series) -> Series:
    return (a == b) | (a.isna() & b.isna())


def _worst(a: Series, b: Series) -> float:
    """The largest |a - b| / max(|a|, |b|); 0 for columns that do not hold numbers."""
    differ = ~_same(a, b)
    if not differ.any() or not all(map(is_numeric_dtype, (a, b))):
        return 0.0
    x, y = (each[differ].to_numpy(dtype=float) for each in (a, b))
    with np.errstate(invalid="ignore", over="ignore"):
        relative = np.abs(x - y) / np.maximum(np.abs(x), np.abs(y))
    return float(np.nan_to_num(relative, nan=np.inf).max())
