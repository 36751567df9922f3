"""How the answers write what is in the rows of tables: numbers, counts, intervals and lists."""

import math
from collections.abc import Callable

from pandas import DataFrame, Series


def number(value: float) -> str:
    """A number as people write it, to three digits: 1,234 and 0.0123, 3.55e-15 and infinite."""
    if not math.isfinite(value):
        return "infinite" if value > 0 else "not a number" if math.isnan(value) else "-infinite"
    if float(value).is_integer() and abs(value) < 1e6:
        return f"{int(value):,}"
    if 100 <= abs(value) < 1e6:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def units_of(row: Series) -> str:
    """The hidden units of a row, as ``10 hidden units``."""
    return counted(int(row["hidden_size"]), "hidden unit")


def name_of(row: Series) -> str:
    """The optimizer of a row, as people write it."""
    return str(row["optimizer"]).replace("_", " ")


def with_interval(row: Series) -> str:
    """The interquartile mean of a row of the summary, and its interval."""
    return number(row["interquartile_mean"]) + interval_of(row, number)


def interval_of(row: Series, written: Callable[[float], str]) -> str:
    """The confidence interval of a row in brackets, or nothing where there is none."""
    low, high = row["ci_low"], row["ci_high"]
    if math.isnan(low) or math.isnan(high):
        return ""
    return f" (95 % interval {written(low)} to {written(high)})"


def none_or(count: int) -> str:
    """``3 are``, ``1 is`` or ``none is``."""
    return f"{number(count)} {'is' if count == 1 else 'are'}" if count else "none is"


def several(frame: DataFrame, column: str, noun: str | None = None) -> str:
    """How many different values a column has, as ``2 orders``; its name is the noun, or another."""
    return counted(frame[column].nunique(), noun or column)


def counted(count: int, noun: str) -> str:
    """``1 row`` or ``2 rows``."""
    return f"{number(count)} {noun}{'s' * (count != 1)}"


def listed(parts: list[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
