"""Back from the standard units of measurements to those of their file."""

from collections.abc import Mapping
from typing import Any, TypeVar

Values = TypeVar("Values", bound=Any)

Unit = Mapping[str, Any]  # name, of an axis; mean and standard_deviation, where 0 and 1 lie on it


def restored(values: Values, unit: Unit) -> Values:
    """Values as they stand in the file: an array, tensor or column of them, in standard units."""
    in_file: Values = values * unit["standard_deviation"] + unit["mean"]
    return in_file
