"""What a check of a gradient found, as a value and as sentences."""

from dataclasses import dataclass, replace
from typing import Literal

PRINTED_WHOLE = 240  # characters of a message, in pytest
Verdict = Literal["right", "wrong", "undecided"]


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient beside the slopes it may have."""

    index: int  # among all numbers of the point
    name: str  # (3,), weight[0, 2], or (3,) of output (1,)
    verdict: Verdict
    given: float
    low: float  # the slope, or the mean of slopes at a kink, lies between low and high
    high: float
    relative: float  # |given - slope| / |slope|; infinite for a slope of 0
    ulp: float  # |given - slope| in units in the last place of the slope in the point's format
    kink: float  # distance of the nearest kink found; 0: here; infinite: none as far as looked
    reason: str  # why it is judged so, empty if there is nothing to say

    def __str__(self) -> str:
        middle, width = (self.low + self.high) / 2, (self.high - self.low) / 2
        if self.kink == 0 and width > 1e-9 * abs(middle):
            slope = f"slopes between {self.low:.12g} and {self.high:.12g}"
            end = self.low if self.given < self.low else self.high
            given = _same_digits(self.given, end, max(abs(self.given - end) / 8, 1e-12 * abs(end)))
        else:
            slope = f"slope {_rounded(middle, width)} ± {width:.1g}"
            given = _same_digits(self.given, middle, width)
        text = f"Entry {self.name}: gradient {given}, {slope}"
        return f"{text}: {self.reason}." if self.reason else f"{text}."


@dataclass(frozen=True, repr=False)
class Report:
    """A verdict with its evidence.

    `str(report)` says all of it; `repr`, which pytest prints for `assert report.right, report`,
    as many of its first sentences as pytest prints whole.
    """

    verdict: Verdict
    entries: tuple[Entry, ...]  # worst first; at most a thousand
    resolution: float  # relative errors from here on would have been seen, save in blurred entries
    blurred: int  # entries that are so small in the function that its rounding hides more
    blurred_resolution: float  # errors from here on, relative to themselves, would have been seen
    evaluations: int  # of the function
    coverage: str  # which entries were looked at, and how
    kink: float  # the distance of the nearest kink found; infinite: none
    reach: float  # how far from the point the slopes were followed
    repeats: bool  # whether the function returns the same bits twice
    causes: tuple[str, ...]  # simple causes that explain what is wrong
    remarks: tuple[str, ...]  # about the function or the gradient as a whole

    @property
    def right(self) -> bool:
        """Whether the verdict is right, for `assert certify(...).right, report`."""
        return self.verdict == "right"

    def __repr__(self) -> str:
        lines = str(self).splitlines()
        kept = lines[:1]
        for line in lines[1:]:
            if len("\n".join([*kept, line])) > PRINTED_WHOLE:
                break
            kept.append(line)
        return "\n".join(kept)

    def __str__(self) -> str:
        lines = [_headline(self)]
        lines += [f"Cause: {cause}." for cause in self.causes if cause not in lines[0]]
        shown = [e for e in self.entries if e.verdict == self.verdict][1:6]
        if self.verdict != "right":
            lines += [str(entry) for entry in shown]
            more = sum(e.verdict == self.verdict for e in self.entries) - 1 - len(shown)
            lines += [f"{more} more entries are {self.verdict}."] if more > 0 else []
        lines += [f"Note: {remark}." for remark in self.remarks if remark not in lines[0]]
        if not self.entries:
            return "\n".join(lines)
        lines.append(
            f"Looked at {self.coverage}, in {self.evaluations} evaluations; relative errors from "
            f"{self.resolution:.1g} on would have been seen{_save_blurred(self)}."
        )
        return "\n".join(lines)


def _headline(report: Report) -> str:
    about = f"{_surroundings(report)}; {_repeats(report)}."
    first = next((e for e in report.entries if e.verdict == report.verdict), None)
    if report.verdict == "right" and not report.entries:
        return "The gradient is right: there is nothing to differentiate."
    if report.verdict == "right":
        shown = " where rounding does not hide it" if report.blurred else ""
        return (
            "The gradient is right: every entry looked at agrees with the slope of the function, "
            f"to a relative {report.resolution:.1g} or better{shown}. {about}"
        )
    if first is None:
        why = next(iter(report.causes + report.remarks), "nothing could be measured")
        return f"The gradient is {report.verdict}: {why}."
    if report.verdict == "wrong":
        return f"{first!s} {about}"
    coarse = (
        f"the slope could be measured to a relative {report.resolution:.1g} only, more than is "
        "wanted; float64 and a point away from kinks make it finer"
    )
    why = next(iter((first.reason, *report.remarks)), "") or coarse
    return f"Undecided: {why}. {replace(first, reason='')!s} {about}"


def _save_blurred(report: Report) -> str:
    if not report.blurred:
        return ""
    which = "one entry" if report.blurred == 1 else f"{report.blurred} entries"
    much = report.blurred_resolution
    hidden = f"those up to {much:.1g}" if much < 1 else "any"
    return f"; in {which} the function's rounding hides {hidden}"


def _surroundings(report: Report) -> str:
    if report.kink == 0:
        return "There is a kink at the point"
    if report.kink < float("inf"):
        return f"The nearest kink is about {report.kink:.1g} away"
    return f"No kink within {report.reach:.1g}"


def _repeats(report: Report) -> str:
    return f"the function {'repeats' if report.repeats else 'does not repeat'} exactly"


def _digits(value: float, width: float) -> int:
    """How many digits show a value down to its uncertainty."""
    if not width > 0 or not abs(value) > 0:
        return 17 if width == 0 else 6
    ratio = abs(value) / width
    return min(17, max(3, len(f"{ratio:.0f}"))) if ratio < 1e17 else 17


def _rounded(value: float, width: float) -> str:
    text = f"{value:.{_digits(value, width)}g}"
    return text if any(c in text for c in ".en") else text + ".0"


def _same_digits(given: float, middle: float, width: float) -> str:
    text = f"{given:.{max(6, _digits(middle, width))}g}"
    return text if any(c in text for c in ".ein") else text + ".0"
