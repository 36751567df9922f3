"""The derivatives of one function at a few places, laid out to be read on a terminal."""

from collections.abc import Sequence

import pandas as pd
import torch

from autodiff_pipeline.derivatives.point_table import point_table
from autodiff_pipeline.derivatives.subject import expression_subject
from autodiff_pipeline.expressions.grammar import Expression
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.truth.at_points import why_uncertified

_SMALL, _LARGE = 1e-3, 1e6  # errors in ulp between these are written without an exponent


def listing(expression: Expression, places: Sequence[float], order: int) -> str:
    """The derivative by every method and dtype at each place, the truth, and the error in ulp.

    There is one block for each place and dtype. Derivatives are taken at the dtype's number nearest
    to the place; where there is none, or no truth is certified, the block says so.
    """
    subject = expression_subject("f", expression)
    blocks = []
    for place in places:
        for dtype in DTYPES:
            x = torch.tensor([place], dtype=torch.float64).to(DTYPES[dtype])
            if not x.isfinite().all():
                blocks.append(f"{dtype}: {place!r} is beyond its largest number")
                continue
            rows = point_table(subject, {dtype: x}, [order])
            if rows.empty or rows["truth"].isna().all():
                table = f"  no truth is certified: {why_uncertified(expression, float(x))}"
            else:
                table = _table(rows, dtype)
            blocks.append(f"{dtype}, x = {float(x)!r}\n{table}")
    return "\n\n".join(blocks)


def _table(rows: pd.DataFrame, dtype: str) -> str:
    digits = torch.finfo(DTYPES[dtype]).bits // 4 + 1
    shown = pd.DataFrame(
        {
            "method": [name.replace("_", " ") for name in rows["method"]],
            "derivative": [f"{value:.{digits}g}" for value in rows["value"]],
            "error in ulp": [_ulp(error) for error in rows["ulp_error"]],
            "": ["lost" if lost else "" for lost in rows["lost"]],
        }
    )
    truth = f"  truth: {rows['truth'].iloc[0]:.{digits}g}"
    lines = shown.to_string(index=False, justify="right").split("\n")
    return "\n".join([truth, *(f"  {line.rstrip()}" for line in lines)])


def _ulp(error: float) -> str:
    if error == 0 or _SMALL <= error < _LARGE:
        return f"{error:,.3f}"
    return f"{error:.2e}"
