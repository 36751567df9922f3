"""What was measured: the two columns of a user's own file."""

from pandas import DataFrame

from autodiff_pipeline.data.measurements import Measured


def measurements(measured: Measured) -> DataFrame:
    """The columns of the file, and how its rows are split.

    Returns: a row for x and for y: axis, column (its name in the file), rows, held_out (of these),
    mean, standard_deviation, smallest, largest.
    """
    return DataFrame(
        [
            {
                "axis": axis,
                "column": column.name,
                "rows": len(measured.x),
                "held_out": measured.held_out,
                "mean": column.mean,
                "standard_deviation": column.standard_deviation,
                "smallest": column.smallest,
                "largest": column.largest,
            }
            for axis, column in zip("xy", measured.columns, strict=True)
        ]
    )
