"""Why a job would run, in a few words each."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

MISSING, REMADE = "new", "its inputs are made anew"
_CODE = re.compile(r"([\w.]+) [0-9a-f]{12}")  # a module and its digest, as the rules have them
_LONGEST = 24  # characters of a value
_MOST = 3  # of a kind


class Cause(NamedTuple):
    """What Snakemake says about a job that is to run."""

    is_missing: bool = False  # some output does not exist ...
    was_made: bool = False  # ... and has been made before
    is_incomplete: bool = False
    is_forced: bool = False
    script_changed: bool = False
    inputs_changed: bool = False  # there are other ones than before
    newer: tuple[str, ...] = ()  # inputs that changed on disk
    before: frozenset[str] = frozenset()  # parameters that only the last run had, as Python ...
    now: frozenset[str] = frozenset()  # ... and that only this one has

    @property
    def has_other_settings(self) -> bool:
        """Whether a parameter changed that is more than the digest of a module."""
        before, now = (
            dict(_settings(map(ast.literal_eval, texts))) for texts in (self.before, self.now)
        )
        return before != now


def reasons(cause: Cause, script: str) -> list[str]:
    """Why a job would run: each reason in a few words.

    Args: script, the name of the job's script.
    """
    found = [
        *(["its output was deleted" if cause.was_made else MISSING] if cause.is_missing else []),
        *(["it was interrupted"] if cause.is_incomplete else []),
        *(["it is forced"] if cause.is_forced else []),
        *([f"code of {script}.py"] if cause.script_changed else []),
        *(f"changed file {path}" for path in _few(cause.newer)),
        *_changes(cause.before, cause.now),
    ]
    if not found and cause.inputs_changed:
        found.append("other inputs than before")
    return found or [REMADE]


def _changes(before: Iterable[str], now: Iterable[str]) -> Iterator[str]:
    """What differs between two lists of parameters: modules by their digests, settings by key."""
    old, new = ([ast.literal_eval(text) for text in texts] for texts in (before, now))
    old_code, new_code = dict(_modules(old)), dict(_modules(new))
    edited = [name for name in new_code if old_code.get(name, new_code[name]) != new_code[name]]
    yield from (f"code of {_module(name)}" for name in _few(edited))
    if not edited and old_code.keys() != new_code.keys():
        yield "code: other modules are imported"
    old_settings, new_settings = dict(_settings(old)), dict(_settings(new))
    keys = [
        key
        for key in {**old_settings, **new_settings}
        if old_settings.get(key, _ABSENT) != new_settings.get(key, _ABSENT)
    ]
    for key in _few(keys):
        if key in keys:
            old_value, new_value = (
                _short(settings.get(key, _ABSENT)) for settings in (old_settings, new_settings)
            )
            differs = old_value != new_value
            yield f"{key}: {old_value} → {new_value}" if differs else f"{key}: another text"
        else:
            yield key


class _Absent:
    def __repr__(self) -> str:
        return "none"


_ABSENT = _Absent()


def _few(names: Iterable[str]) -> list[str]:
    """The first names, and how many more there are."""
    ordered = sorted(names)
    rest = len(ordered) - _MOST
    return [*ordered[:_MOST], f"{rest} more"] if rest > 0 else ordered


def _module(name: str) -> str:
    return name.removeprefix("autodiff_pipeline.") if "." in name else f"{name}.py"


def _modules(values: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for value in values:
        if isinstance(value, list):
            yield from _modules(value)
        elif isinstance(value, str) and (match := _CODE.fullmatch(value)):
            yield match[1], value


def _settings(values: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for value in values:
        if isinstance(value, Mapping):
            yield from _leaves(value)


def _leaves(group: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in group.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _short(value: Any) -> str:
    text = repr(value) if not isinstance(value, str) else value
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
