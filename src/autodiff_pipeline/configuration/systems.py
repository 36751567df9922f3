"""Whether what the configuration names is installed here."""

from collections.abc import Sequence

from autodiff_pipeline.configuration.mistakes import ConfigurationError


def check_installed(systems: Sequence[str], *, compiler: bool, jax: bool) -> None:
    """Raise ConfigurationError for the first system that cannot work here.

    Args: systems, whose derivatives are measured; compiler, whether there are a C++ compiler and
    Python's headers; jax, whether JAX can be imported.
    """
    remedies = {
        "torch_compile": (
            compiler,
            "needs a C++ compiler and Python's headers; install them, as with "
            "`apt-get install g++ python3-dev`",
        ),
        "jax": (
            jax,
            'needs JAX; install it with `pip install -c constraints.txt -e ".[systems]"`',
        ),
    }
    for system in systems:
        installed, remedy = remedies.get(system, (True, ""))
        if not installed:
            raise ConfigurationError(
                f"derivatives.systems: {system} {remedy}, or leave {system} out"
            )
