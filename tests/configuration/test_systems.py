from typing import get_args

import pytest
import yaml
from project import CONFIGURATION, ROOT

from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.configuration.systems import check_installed
from autodiff_pipeline.configuration.values import System

EVERY = list(get_args(System))


def test_the_default_needs_torch_alone_and_the_reference_has_every_system():
    assert CONFIGURATION["derivatives"]["systems"] == ["torch"]
    overlay = yaml.safe_load((ROOT / "workflow/reference.yaml").read_text())
    assert overlay == {"derivatives": {"systems": EVERY}}


def test_what_is_installed_is_accepted():
    check_installed(EVERY, compiler=True, jax=True)
    check_installed(["torch"], compiler=False, jax=False)


@pytest.mark.parametrize(
    ("installed", "said"),
    [
        ({"compiler": False, "jax": True}, r"derivatives.systems: torch_compile .*C\+\+ compiler"),
        ({"compiler": True, "jax": False}, r"derivatives.systems: jax .*\[systems\]"),
    ],
)
def test_what_is_missing_is_said_in_a_sentence_with_the_key_and_the_remedy(installed, said):
    with pytest.raises(ConfigurationError, match=said):
        check_installed(EVERY, **installed)
