"""What people reported of derivatives, restated: does a configured function or one line find it?

`reports.csv` has points at which torch 2.13 is wrong, from issues and pull requests of some thirty
repositories, most of them about other systems: where it was reported, the function as it would be
configured, torch's operator if it is one, dtype, order and x. What is not to be found says why.
``PYTHONPATH=src:tests python tests/derivatives/reports.py`` tells of each how it is found.
"""

import csv
import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
import yaml

from autodiff_pipeline.derivatives.atlas import atlas
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.randomness import points_generator

_ROOT = Path(__file__).parents[2]
_REACH = 10.0  # of the range of a line is at least so large


class Report(NamedTuple):
    report: str  # repository and number of an issue or pull request
    expression: str
    operator: str  # empty for a composition
    dtype: str
    order: int
    x: float
    left_out: str  # why it is not found; empty: it is


def _read(report, expression, operator, dtype, order, x, left_out):
    return Report(report, expression, operator, dtype, int(order), float(x), left_out)


with (Path(__file__).parent / "reports.csv").open() as _file:
    _, *_rows = csv.reader(_file)
REPORTS = [_read(*row) for row in _rows]


@cache
def _configuration():
    return yaml.safe_load((_ROOT / "config.yaml").read_text())["derivatives"]


@cache
def _configured():
    """The name of every configured function, by what it computes: its operator or expression."""
    return {
        parse(_call(function.get("operator") or function["expression"])): name
        for name, function in _configuration()["functions"].items()
    }


def _call(operator):
    return operator if "(" in operator else f"{operator}(x)"


@cache
def _findings(name, expression, ends, operator, points, dtype, order):
    """As the stage of derivatives finds them, in one dtype and up to one order."""
    measured = atlas(
        name,
        expression=parse(expression),
        interval=ends[0],
        range=ends[1],
        operator=operator,
        kinks=(),
        systems=["torch"],
        dtypes=[],
        sampled_dtypes=[dtype],
        orders=range(1, order + 1),
        points=_configuration()["points"],
        samples=_configuration()["samples"],
        generators={dtype: points_generator(1, name, dtype)},
        special=points,
        step_sizes=False,
        shown=False,
    )
    return measured.findings


def how(report):
    """Whether the default configuration finds it, or a line, and as which kind; or "missed"."""
    at = float(torch.tensor(report.x, dtype=DTYPES[report.dtype]))
    name = _configured().get(parse(report.expression))
    function = _configuration()["functions"].get(name, {"interval": [math.inf, math.inf]})
    low, high = map(float, function.get("range", function["interval"]))
    is_configured = low <= at <= high and report.order in _configuration()["orders"]
    if is_configured:
        ends = tuple(function["interval"]), (low, high)
        points = tuple(function.get("points", ()))
        of = name, function["expression"], ends, function.get("operator"), points
    else:
        reach = max(_REACH, 2 * abs(at))
        ends = (-_REACH, _REACH), (-reach, reach)
        of = "line", report.expression, ends, report.operator or None, ()
    frame = _findings(*of, report.dtype, 2 if is_configured else report.order)
    frame = frame[(frame["order"] == report.order) & ~frame["beside_root"].astype(bool)]
    kinds = frame[(frame["from_x"] <= at) & (at <= frame["to_x"])]["kind"]
    if not len(kinds):
        return "missed"
    return f"{'default' if is_configured else 'line'}: {kinds.iloc[0]}"


if __name__ == "__main__":
    ways = [how(report) for report in REPORTS]
    for report, way in zip(REPORTS, ways, strict=True):
        place = f"{report.dtype}, order {report.order}, x = {report.x!r}"
        print(f"{way:20} {report.expression} ({place}; {report.report}) {report.left_out}")
    of_all = sum(way != "missed" for way in ways) / len(ways)
    by_default = sum(way.startswith("default") for way in ways)
    print(f"found: {of_all:.1%} of {len(ways)}, {by_default} of them by the default configuration")
