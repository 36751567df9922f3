import re

import pytest

from autodiff_pipeline.configuration.document import mapping
from autodiff_pipeline.configuration.mistakes import ConfigurationError


def test_a_document_is_plain_data():
    assert mapping("a: {b: [1, 2.5, text, null, true]}\nc: 1e-3", "mine.yaml") == {
        "a": {"b": [1, 2.5, "text", None, True]},
        "c": "1e-3",
    }


@pytest.mark.parametrize(
    ("text", "key", "lines"),
    [
        ("a: 1\nb: 2\na: 3\n", "a", (1, 3)),
        ("a: {x: 1, y: 2,\n  x: 3}", "x", (1, 2)),
        ("a:\n  x: 1\n  'x': 1\nb: 2", "x", (2, 3)),
        ("- a\n- b:\n    c: 1\n    c: 1", "c", (3, 4)),
        ("a: &one {x: 1}\nb: {<<: *one, x: 2, x: 3}", "x", (2, 2)),
        ("a: 1\n" * 5000, "a", (1, 2)),
    ],
)
def test_a_key_given_twice_is_refused_with_both_lines(text, key, lines):
    said = (
        f"mine.yaml gives the key '{key}' twice in one mapping, in lines {lines[0]} and {lines[1]};"
    )
    with pytest.raises(ConfigurationError, match=re.escape(said)):
        mapping(text, "mine.yaml")


def test_anchors_and_merges_are_no_repetition():
    # `shallow` is constructed before the deeper `inner`, whose keys it takes.
    text = """
        base: &base {rate: 1, epochs: 5}
        deep: {inner: &inner {<<: *base, rate: 2}}
        shallow: {<<: *inner, seeds: 9}
        both: {<<: [*inner, *base], rate: 3}
        again: *inner
    """
    loaded = mapping(text, "mine.yaml")
    assert loaded["deep"]["inner"] == loaded["again"] == {"rate": 2, "epochs": 5}
    assert loaded["shallow"] == {"rate": 2, "epochs": 5, "seeds": 9}
    assert loaded["both"] == {"rate": 3, "epochs": 5}


def test_the_same_key_in_different_mappings_is_given_once():
    assert mapping("a: {x: 1}\nb: {x: 1}\nc: [{x: 1}, {x: 1}]", "mine.yaml")["b"] == {"x": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1, 2\nb: }", "mine.yaml is not YAML: while parsing a flow sequence"),
        ("- a list", "mine.yaml has no keys"),
        ("", "mine.yaml has no keys"),
        ("a: " + "9" * 5000, "mine.yaml is not YAML: Exceeds the limit"),
        ("a: 2001-99-99", "mine.yaml is not YAML: month must be"),
        ("a: " + "[" * 5000, "mine.yaml is not YAML"),
        ("a: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
    ],
)
def test_what_is_no_configuration_is_refused_in_one_sentence(text, said):
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        mapping(text, "mine.yaml")
    assert "\n" not in str(caught.value)
