import pytest

from autodiff_pipeline.configuration.mistakes import ConfigurationError
from autodiff_pipeline.configuration.systems import check_installed

EVERY = ["torch", "torch_compile", "jax"]


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
