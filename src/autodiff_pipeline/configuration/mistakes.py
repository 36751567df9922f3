"""A mistake in the configuration as one sentence, instead of pydantic's report."""

import json
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from autodiff_pipeline.expressions.grammar import shortened

_ADVICE: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "this key is required",
    "int_type": lambda _: "give a whole number",
    "bool_type": lambda _: "give true or false",
    "float_type": lambda _: "give a number",
    "finite_number": lambda _: "give a finite number",
    "string_type": lambda _: "give text",
    "string_too_short": lambda _: "give text",
    "tuple_type": lambda _: "give a list, such as [1, 2]",
    "dict_type": lambda _: "give a mapping of names to settings",
    "model_type": lambda _: "give a mapping of keys to values",
    "literal_error": lambda context: f"give one of {context['expected']}",
    "greater_than": lambda context: f"give a number greater than {context['gt']:g}",
    "greater_than_equal": lambda context: f"give a number of at least {context['ge']:g}",
    "less_than": lambda context: f"give a number less than {context['lt']:g}",
    "less_than_equal": lambda context: f"give a number of at most {context['le']:g}",
    "too_short": lambda context: f"give at least {context['min_length']}",
    "too_long": lambda context: f"give exactly {context['max_length']}",
    "value_error": lambda context: str(context["error"]),
}


class ConfigurationError(ValueError):
    """A configuration that cannot be run; the message is one sentence."""


def sentence(error: ValidationError, schema: Mapping[str, Any]) -> str:
    """The first mistake in one sentence: its key, its value and what would be right.

    Args: error, raised by a model; schema, the JSON schema of that model, which has the known keys.
    """
    # A misspelt key is also a missing one: name the misspelling.
    first = min(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    # pydantic puts the name of the chosen group behind the key of a group of which there are two.
    no_keys = {"[key]", *schema["$defs"]}
    key = ".".join(shortened(str(part)) for part in first["loc"] if part not in no_keys)
    if first["type"] == "extra_forbidden":
        return f"configuration key '{key}' is unknown; {_nearest(first['loc'], schema)}"
    advice = (
        _ADVICE[first["type"]](first.get("ctx", {})) if first["type"] in _ADVICE else (first["msg"])
    )
    shown = first["input"]
    if first["type"] == "missing" or isinstance(shown, dict | BaseModel):
        return f"configuration key '{key}': {advice}"
    value = shortened(json.dumps(shown, default=str, ensure_ascii=False))
    return f"configuration key '{key}' is {value}: {advice}"


def _nearest(location: tuple[int | str, ...], schema: Mapping[str, Any]) -> str:
    """Suggest the key of the same group that is spelled most like the unknown one."""
    known = list(_keys_at(location[:-1], schema))
    close = get_close_matches(str(location[-1]), known, n=1)
    return f"did you mean '{close[0]}'?" if close else f"the keys here are {', '.join(known)}"


def _keys_at(location: tuple[int | str, ...], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    group = schema
    for part in location:
        if part in schema["$defs"]:  # of two groups, the chosen one
            group = schema["$defs"][part]
            continue
        named = group.get("properties", {})
        child = named[part] if part in named else group["additionalProperties"]
        child = child.get("anyOf", [child])[0]  # of an optional group, the group
        reference = child.get("$ref", "").removeprefix("#/$defs/")
        group = schema["$defs"][reference] if reference else child
    return dict(group["properties"])
