"""The answers: each is a few sentences, with numbers from the tables.

Where a table is missing or empty, only the answers that need it are left out.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from pandas import DataFrame, Series

from autodiff_pipeline.report.wording import (
    counted,
    interval_of,
    listed,
    name_of,
    none_or,
    number,
    several,
    units_of,
    with_interval,
)
from autodiff_pipeline.tables.measures import MEASURES

RIGHT = 4.0  # ulp

Tables = Mapping[str, DataFrame]


class Answer(NamedTuple):
    """A question, and its answer: first in a word or a number, then in sentences."""

    question: str
    short: str
    text: str


def answers(tables: Tables) -> list[Answer]:
    """The answers that the given tables allow."""
    questions: list[tuple[Callable[..., Answer | None], list[str]]] = [
        (_measurements, ["measurements"]),
        (_derivatives, ["derivative_accuracy"]),
        (_stable_rules, ["derivative_accuracy"]),
        (_minimization, ["minimization"]),
        (_nearest, ["summary"]),
        (_decomposition, ["error_decomposition"]),
        (_luck, ["summary", "variance"]),
    ]
    found = (
        answer(*(tables[name] for name in names))
        for answer, names in questions
        if all(name in tables and len(tables[name]) for name in names)
    )
    return [answer for answer in found if answer]


def _measurements(measurements: DataFrame) -> Answer:
    x, y = (row for _, row in measurements.sort_values("axis").iterrows())
    kept = int(x["rows"] - x["held_out"])
    text = (
        f"Networks learn {y['column']} from {x['column']}, from {x['smallest']:.6g} to "
        f"{x['largest']:.6g}. Each data seed is another random split of the same "
        f"{counted(int(x['rows']), 'row')}: {number(kept)} to train on, and "
        f"{number(int(x['held_out']))} held out, on which networks are judged, as the truth is not "
        f"known. Losses contain the noise and are in units of the variance of {y['column']} "
        f"(standard deviation {number(y['standard_deviation'])}): predicting the mean has a loss "
        "of about 1. Splits share rows: intervals are about this file, not about new measurements."
    )
    return Answer("What was learned from?", counted(int(x["rows"]), "row"), text)


def _derivatives(accuracy: DataFrame) -> Answer | None:
    automatic = _measured_in_torch(accuracy, "reverse_mode")
    if automatic.empty:
        return None
    lost = automatic["lost_points"] > 0
    functions = number(automatic["function"].nunique())
    right = int((_is_right(automatic)).sum())
    text = (
        f"Of the {counted(len(automatic), 'derivative')} that torch's reverse mode was asked for "
        f"({functions} functions and operators, {several(automatic, 'dtype', 'precision')}, "
        f"{several(automatic, 'order')}), {number(right)} are right to {RIGHT:.0f} units in the "
        f"last place (ulp) at every point tried. {number(int(lost.sum()))} are lost somewhere: "
        "zero, infinite or not a number where the truth is an ordinary number."
    )
    first = automatic[lost & (automatic["order"] == 1) & (automatic["dtype"] != "bfloat16")]
    for function, rows in first.groupby("function", sort=False):
        places = [
            f"{number(abs(x))} in {dtype}"
            for x, dtype in rows[["first_lost_x", "dtype"]].to_numpy().tolist()
        ]
        text += f" The first derivative of {function} is lost from |x| = {listed(places)} on."
        break
    return Answer("Are torch's derivatives right?", f"{right} of {len(automatic)}", text)


def _stable_rules(accuracy: DataFrame) -> Answer | None:
    stable = _measured_in_torch(accuracy, "stable")
    if stable.empty:
        return None
    right = int(_is_right(stable).sum())
    worst = stable.iloc[int(stable["max_ulp_error"].fillna(0).to_numpy().argmax())]
    lost = int((stable["lost_points"] > 0).sum())
    text = (
        f"For {several(stable, 'function')} there are formulas rewritten to keep their digits: "
        f"{number(right)} of {counted(len(stable), 'derivative')} are right to {RIGHT:.0f} ulp, "
        f"and {none_or(lost)} lost {'somewhere' if lost else 'anywhere'}. The worst error is "
        f"{number(worst['max_ulp_error'])} ulp ({worst['function']}, {worst['dtype']}, order "
        f"{worst['order']}, at x = {number(worst['worst_x'])})."
    )
    return Answer("Can they be repaired?", f"{right} of {len(stable)}", text)


def _measured_in_torch(accuracy: DataFrame, method: str) -> DataFrame:
    rows = accuracy[(accuracy["system"] == "torch") & (accuracy["method"] == method)]
    return rows[rows["points"] > 0]


def _minimization(minimization: DataFrame) -> Answer:
    frame = minimization.set_index("problem")
    epochs = int(minimization["epoch"].max())
    apart = frame["loss_difference"].abs().groupby(level=0).max()
    by_parameter = frame["max_parameter_difference"].groupby(level=0).max()
    sentences = [
        f"{number(apart[problem])} for the {problem}, and its parameters by "
        f"{number(by_parameter[problem])}"
        for problem in minimization["problem"].unique()
    ]
    text = (
        "Gradient descent goes the same way with torch's gradient and with the one derived by "
        f"hand. Over {number(epochs)} epochs the losses differ by no more than "
        f"{'; by '.join(sentences)}. That is rounding."
    )
    return Answer("Does the gradient by hand agree?", f"to {number(apart.max())}", text)


def _nearest(summary: DataFrame) -> Answer | None:
    finite = summary[summary["interquartile_mean"] < math.inf]
    if finite.empty:
        return None
    best = _best(finite)
    is_measured = best["measure"] == "held_out_loss"
    nearest, risk = (
        ("Best on the rows held out are", "held-out loss (with a variance of y of 1)")
        if is_measured
        else (
            "Nearest to the truth come",
            "excess risk (mean squared distance from the true model)",
        )
    )
    text = (
        f"{nearest} networks of {units_of(best)} trained by {name_of(best)}: their {risk} is "
        f"{with_interval(best)}, the interquartile mean over {number(best['networks'])} networks."
    )
    others = [
        f"{name_of(row)} ends at {with_interval(row)}"
        for row in (_best(rows) for _, rows in finite.groupby("optimizer", sort=False) if len(rows))
        if row["optimizer"] != best["optimizer"]
    ]
    if others:
        text += f" At its best number of units, {listed(others)}."
    diverged = int(summary["diverged"].sum())
    text += f" {number(diverged) if diverged else 'None'} of "
    text += f"{counted(int(summary['networks'].sum()), 'network')} diverged."
    question, short = (
        ("How well do networks predict?", "{} of the variance left")
        if is_measured
        else ("Does training find the truth?", "to an excess risk of {}")
    )
    return Answer(question, short.format(number(best["interquartile_mean"])), text)


def _decomposition(decomposition: DataFrame) -> Answer | None:
    rows = decomposition[decomposition["excess_risk"] < math.inf]
    plain = rows[rows["optimizer"] == "gradient_descent"]
    rows = plain if len(plain) else rows
    if rows.empty:
        return None
    row = rows.iloc[int(rows["excess_risk"].to_numpy().argmin())]
    share = row["optimization"] / row["excess_risk"]
    text = (
        f"Take {units_of(row)} and {name_of(row)}: of the excess risk of "
        f"{number(row['excess_risk'])}, the best such network would still have "
        f"{number(row['approximation'])}; fitting the noise of the data adds "
        f"{number(row['estimation'])}; and {number(row['optimization'])} is left by the optimizer."
    )
    return Answer("What is in the way?", f"{share:.0%} the optimizer", text)


def _luck(summary: DataFrame, variance: DataFrame) -> Answer | None:
    summary = summary[summary["interquartile_mean"] < math.inf]
    if summary.empty:
        return None
    best = _best(summary)
    keys = ["hidden_size", "optimizer"]
    of_best = variance[(variance[keys] == best[keys]).all(axis=1)]
    rows = {str(row["component"]): row for _, row in of_best.iterrows()}
    shares = {component: float(row["share"]) for component, row in rows.items()}
    if not shares or any(map(math.isnan, shares.values())):
        return None
    sources = {"data": "the data", "initialization": "the start", "interaction": "both together"}
    parts = [
        f"{shares[component]:.0%} comes from {source}"
        + interval_of(rows[component], "{:.0%}".format)
        for component, source in sources.items()
        if component in shares
    ]
    measure = MEASURES[str(best["measure"])]
    text = (
        f"Among networks of {units_of(best)} trained by {name_of(best)}, which differ in nothing "
        f"but their seeds, of the variance of the {measure}, {listed(parts)}."
    )
    largest = max(shares, key=lambda component: shares[component])
    return Answer("Is it luck?", f"{shares[largest]:.0%} {sources[largest]}", text)


def _is_right(accuracy: DataFrame) -> Series:
    at_zeros = accuracy["max_absolute_error_at_zero"].fillna(0) == 0
    small = accuracy["max_ulp_error"].fillna(0) <= RIGHT
    return small & at_zeros & (accuracy["lost_points"] == 0)


def _best(summary: DataFrame) -> Series:
    return summary.iloc[int(summary["interquartile_mean"].to_numpy().argmin())]
