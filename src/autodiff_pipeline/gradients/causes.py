"""Simple causes that explain a wrong gradient: a factor, a transpose, something dropped."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autodiff_pipeline.gradients.arguments import Argument, Doubles
from autodiff_pipeline.gradients.findings import OUTSIDE, Findings

FACTORS = {
    -1.0: "the sign is wrong",
    2.0: "a factor of 2 too large",
    0.5: "a factor of 2 too small",
    -2.0: "the sign and a factor of 2 are wrong",
    -0.5: "the sign and a factor of 2 are wrong",
}


@dataclass(frozen=True)
class _Wrong:
    given: Doubles
    middle: Doubles
    width: Doubles

    def explains(self, slopes: Doubles) -> bool:
        """Whether the given entries would be right for these slopes."""
        allowed = 4 * self.width + 1e-9 * np.abs(slopes)
        return bool((np.abs(self.given - slopes) <= allowed).all())


def entry_reason(
    given: float, low: float, high: float, *, size: int, outputs: int, beyond: float, reach: float
) -> str:
    """What is wrong with one entry, in words; empty if nothing simple.

    Args: beyond, the slope on the other side of the nearest kink, NaN if none; reach, how far
    that kink is.
    """
    middle, width = (low + high) / 2, (high - low) / 2
    if given == 0:
        return "zero, though the function changes: a term is dropped or detached"
    if (
        np.isfinite(beyond)
        and abs(given - beyond) <= 1e-3 * abs(given)
        and (abs(given - beyond) < 1e-2 * abs(given - middle))
    ):
        return f"the slope beyond a kink, about {reach:.1g} away"
    blur = max(4 * width, 1e-9 * abs(middle))
    for factor, words in FACTORS.items():
        if abs(given - factor * middle) <= blur * abs(factor):
            return words.replace("a factor of 2 too large", "too large by a factor of 2").replace(
                "a factor of 2 too small", "too small by a factor of 2"
            )
    for count, name in ((size, "entries"), (outputs, "outputs")):
        if count > 2:
            if abs(given - middle / count) <= blur:
                return f"too small by a factor of {count}, the number of {name}: a mean for a sum"
            if abs(given - middle * count) <= blur * count:
                return f"too large by a factor of {count}, the number of {name}: a sum for a mean"
    if middle != 0 and width < abs(middle) / 4:
        ratio = given / middle
        if abs(ratio - 1) < 0.5:
            more = "large" if ratio > 1 else "small"
            if _is_float32(given) and abs(ratio - 1) < 2.0**-23:
                return f"too {more} by {abs(ratio - 1):.2g} of itself: rounded to float32"
            return f"too {more} by {abs(ratio - 1):.2g} of itself"
        return f"off by a factor of {ratio:.6g}"
    if middle == 0 or abs(middle) <= 2 * width:
        return "not zero, though the slope is"
    return ""


def _is_float32(value: float) -> bool:
    with np.errstate(over="ignore"):
        return float(np.float32(value)) == value


def causes_of(
    argument: Argument,
    findings: Findings,
    jacobian: Doubles,
    elsewhere: Callable[[str], Doubles | None],
) -> tuple[str, ...]:
    """Causes that explain every wrong entry at once.

    Args: jacobian (m, n); elsewhere, the gradient at another point by its name ("zero",
    "the opposite point", "twice the point"), or None.
    """
    wrong = findings.state == OUTSIDE
    if not wrong.any():
        return ()
    middle, width = findings.slopes.middle, findings.slopes.half_width
    with np.errstate(invalid="ignore"):
        bad = _Wrong(findings.given[wrong], middle[wrong], width[wrong])
        zeros = _zeros(argument, findings, wrong)
        if zeros:
            return (zeros,)
        found = [
            _common_factor(bad),
            _float32(findings, wrong),
            *_rearranged(argument, findings, jacobian, wrong),
            _upstream(findings, jacobian, wrong),
            _other_point(findings, elsewhere, wrong),
            _offset(bad),
        ]
    return tuple(cause for cause in found if cause)


def _common_factor(bad: _Wrong) -> str:
    clear = np.abs(bad.middle) > 100 * bad.width
    if clear.sum() < 2 or not clear.all() or not np.isfinite(bad.given).all():
        return ""
    ratios = bad.given / bad.middle
    typical = float(np.median(ratios))
    if typical != 0 and bad.explains(typical * bad.middle):
        return f"every wrong entry is {typical:.10g} times the slope"
    return ""


def _zeros(argument: Argument, findings: Findings, wrong: NDArray[np.bool_]) -> str:
    if not (findings.given[wrong] == 0).all():
        return ""
    rows = np.flatnonzero(wrong.any(1))
    rest = np.flatnonzero(~wrong.any(1))
    if len(rest) == 0:
        return "the gradient is zero everywhere: the function is detached from its argument"
    numbers = argument.numbers[findings.entries]
    for name, order in (("below", 1.0), ("above", -1.0)):
        inner, outer = (order * numbers[rows]).max(), (order * numbers[rest]).min()
        if len(rows) > 0 and inner < outer:
            between = sorted((order * inner, order * outer))
            return (
                f"zero wherever the number is {name} a threshold between {between[0]:.6g} and "
                f"{between[1]:.6g}"
            )
    return "every wrong entry is zero: a term is dropped or detached"


def _float32(findings: Findings, wrong: NDArray[np.bool_]) -> str:
    given, middle = findings.given[wrong], findings.slopes.middle[wrong]
    all_given = findings.given[np.isfinite(findings.given) & (findings.given != 0)]
    close = np.abs(given - middle) <= 2.0**-20 * np.abs(middle)
    if len(all_given) and close.all() and all(_is_float32(float(g)) for g in all_given):
        return "every entry is a float32 number: the gradient is computed in float32 inside"
    return ""


def _rearranged(
    argument: Argument, findings: Findings, jacobian: Doubles, wrong: NDArray[np.bool_]
) -> list[str]:
    n = argument.size
    if len(findings.entries) != n:
        return []
    middle = findings.slopes.middle  # (n, m)
    bad = _Wrong(findings.given[wrong], middle[wrong], findings.slopes.half_width[wrong])
    found = []
    for leaf in argument.leaves:
        if len(leaf.shape) >= 2 and leaf.stop - leaf.start == np.prod(leaf.shape):
            part = middle[leaf.start : leaf.stop].reshape(*leaf.shape, -1)
            for axis in range(len(leaf.shape) - 1):
                if leaf.shape[axis] != leaf.shape[axis + 1]:
                    continue
                turned = middle.copy()
                turned[leaf.start : leaf.stop] = np.swapaxes(part, axis, axis + 1).reshape(
                    leaf.stop - leaf.start, -1
                )
                if bad.explains(turned[wrong]):
                    found.append(f"{leaf.name or 'the gradient'} is transposed")
    if jacobian.shape[0] == n and n > 1 and bad.explains(middle.T[wrong]):
        found.append("the Jacobian is transposed")
    for shift in (1, -1):
        if n > 2 and bad.explains(np.roll(middle, shift, 0)[wrong]):
            found.append("the entries are shifted by one place")
    if n > 2 and bad.explains(middle[::-1][wrong]):
        found.append("the entries are in reverse order")
    return found[:1]


def _upstream(findings: Findings, jacobian: Doubles, wrong: NDArray[np.bool_]) -> str:
    outputs = jacobian.shape[0]
    if outputs < 2:
        return ""
    total = np.broadcast_to(findings.slopes.middle.sum(1, keepdims=True), wrong.shape)
    width = np.broadcast_to(findings.slopes.half_width.sum(1, keepdims=True), wrong.shape)
    if _Wrong(findings.given[wrong], total[wrong], width[wrong]).explains(total[wrong]):
        return "the gradient from upstream is ignored: every output has the gradient of their sum"
    return ""


def _other_point(
    findings: Findings, elsewhere: Callable[[str], Doubles | None], wrong: NDArray[np.bool_]
) -> str:
    bad = _Wrong(findings.given[wrong], findings.slopes.middle[wrong], np.zeros(wrong.sum()))
    for name in ("zero", "the opposite point", "twice the point", "half the point"):
        other = elsewhere(name)
        if other is None:
            return ""
        moved = other[:, findings.entries].T[wrong]
        apart = np.abs(moved - bad.middle) > 1e-6 * np.abs(bad.middle)
        if apart.any() and bad.explains(moved):
            return f"this is the gradient at {name}"
    return ""


def _offset(bad: _Wrong) -> str:
    apart = bad.given - bad.middle
    if len(apart) > 1 and np.isfinite(apart).all():
        typical = float(np.median(apart))
        scale = 1e-6 * abs(typical) + 4 * bad.width
        same = np.abs(apart - typical) <= scale
        if same.all() and (np.ptp(bad.middle) > 10 * scale).all():
            return f"every wrong entry is off by the same {typical:.6g}"
    return ""
