"""A file of the configuration as a plain mapping: YAML, read as data, every key once."""

from collections.abc import Mapping
from typing import Any

import yaml

from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.expressions.grammar import shortened

_MERGE = "tag:yaml.org,2002:merge"  # `<<: *anchor`, which YAML itself resolves


class _GivenTwiceError(Exception):
    """A key is given twice: its name, and the two lines."""


class _Loader(yaml.SafeLoader):
    """PyYAML's loader of plain data, made to refuse a key that is given twice."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        # Checked here, because later the keys of merged mappings are among its own.
        node = super().compose_mapping_node(anchor)
        given: dict[tuple[str, str], yaml.Node] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                first = given.setdefault((key.tag, key.value), key)
                if first is not key:
                    lines = (each.start_mark.line + 1 for each in (first, key))
                    raise _GivenTwiceError(key.value, *lines)
        return node


def without_replaced(below: dict[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration without the keys of `data` that an overlay replaces by other ones.

    An overlay that names a file takes the place of the true model and all that belongs to it, and
    one that names a true model that of the file. Only ``seeds`` belongs to both.
    """
    given, replaced = overlay.get("data"), below.get("data")
    if not (isinstance(given, Mapping) and isinstance(replaced, Mapping)):
        return below
    other = "true_model" if "file" in given else "file" if "true_model" in given else None
    if other not in replaced or other in given:
        return below
    return {**below, "data": {key: replaced[key] for key in replaced if key == "seeds"}}


def mapping(text: str, file: str) -> dict[str, Any]:
    """The keys and values of a YAML text; ``file`` is its name, to be named in errors.

    Raises ConfigurationError where the text is not YAML, is not a mapping, or gives a key twice.
    """
    try:
        loaded = yaml.load(text, _Loader)
    except _GivenTwiceError as error:
        key, first, again = error.args
        raise ConfigurationError(
            f"{file} gives the key '{shortened(key)}' twice in one mapping, in lines {first} and "
            f"{again}; keep one of them"
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # a number with too many digits, or an impossible date, is a ValueError
        raise ConfigurationError(f"{file} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(loaded, dict):
        raise ConfigurationError(f"{file} has no keys; give it keys that README.md lists")
    return loaded
