"""The kinds of value that a configuration holds, and how each is checked."""

import re
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from yaml.constructor import SafeConstructor

from autodiff_pipeline.derivatives.operators import operator_expression
from autodiff_pipeline.expressions.grammar import Expression, parse
from autodiff_pipeline.expressions.reals import undefined_points
from autodiff_pipeline.numbers.grids import linear_grid

LARGEST_COUNT = 10**30  # of anything; products of several are still finite in doubles


# On the command line, as in `--config training='{epochs: 5}'`, every value arrives as text, and
# YAML 1.1 reads 1e-3 as text too. So the key decides whether a text means a number, a flag or null.


def _number(value: Any) -> Any:
    """Turn text that is a number into that number."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _whole_number(value: Any) -> Any:
    """Turn text or a float that is a whole number, such as 5 or 1e3, into that number."""
    number = _number(value)
    if not isinstance(number, float) or not number.is_integer():
        return value
    return int(Decimal(value))  # exactly: float("1e23") is another whole number


def _true_or_false(value: Any) -> Any:
    """Turn text that YAML reads as true or false into that value."""
    return (
        SafeConstructor.bool_values.get(value.lower(), value) if isinstance(value, str) else value
    )


def is_null(value: Any) -> bool:
    """Whether a value is null, or text that YAML reads as null."""
    return value is None or value in ("", "~", "null", "Null", "NULL")


def _formula(value: Any) -> Any:
    """Turn a number into text: an expression, or the name of a column."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(value) if is_number else value


def without_nulls(value: Any) -> Any:
    """A mapping without the entries that an overlay has dropped, by giving them as null."""
    if isinstance(value, Mapping):
        return {key: entry for key, entry in value.items() if not is_null(entry)}
    return value


def _expression(text: str) -> str:
    parse(text)
    return text


def _operator(name: str) -> str:
    operator_expression(name)
    return name


def distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Raise ValueError where a value is listed twice."""
    if twice := next((value for value, count in Counter(values).items() if count > 1), None):
        raise ValueError(f"{twice} is listed twice; list every value once")
    return values


def _increasing(values: tuple[float, float]) -> tuple[float, float]:
    if values[0] >= values[1]:
        raise ValueError("give the smaller end first, as in [-5, 5]")
    return values


def _file_name(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ValueError("give a name of lower-case letters, digits and underscores")
    return name


def check_domain(
    key: str, expression: Expression, interval: tuple[float, float], count: int
) -> None:
    """Raise ValueError where the expression is undefined at some of ``count`` points."""
    missing = undefined_points(expression, linear_grid(*interval, count))
    if missing:
        raise ValueError(
            f"{key} has no finite value at {len(missing)} of {count} points of "
            f"[{interval[0]:g}, {interval[1]:g}], from x = {missing[0]:g} to x = {missing[-1]:g}; "
            "give a function and an interval on which it is defined"
        )


Whole = Annotated[int, BeforeValidator(_whole_number), Field(strict=True)]
Count = Annotated[Whole, Field(ge=1, le=LARGEST_COUNT)]
Seed = Annotated[Whole, Field(ge=0)]
Flag = Annotated[bool, BeforeValidator(_true_or_false), Field(strict=True)]
Number = Annotated[float, BeforeValidator(_number), Field(strict=True, allow_inf_nan=False)]
Positive = Annotated[Number, Field(gt=0)]
Fraction = Annotated[Number, Field(ge=0, lt=1)]
Formula = Annotated[str, BeforeValidator(_formula), Field(strict=True), AfterValidator(_expression)]
Name = Annotated[str, AfterValidator(_file_name)]
Text = Annotated[str, BeforeValidator(_formula), Field(strict=True, min_length=1)]
Interval = Annotated[tuple[Number, Number], AfterValidator(_increasing)]
System = Literal["torch", "torch_compile", "jax"]
Dtype = Literal["float16", "bfloat16", "float32", "float64"]
Activation = Literal[
    "relu",
    "tanh",
    "sigmoid",
    "softplus",
    "gelu",
    "silu",
    "stable_elu",
    "stable_exp2",
    "stable_expm1",
    "stable_gelu",
    "stable_log_ndtr",
    "stable_logsigmoid",
    "stable_mish",
    "stable_selu",
    "stable_sigmoid",
    "stable_silu",
    "stable_sinc",
    "stable_softplus",
    "stable_tanh",
    "stable_tanhshrink",
]
Operator = Annotated[str, Field(strict=True), AfterValidator(_operator)]
