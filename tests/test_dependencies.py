"""Dependencies follow meaning: which modules each script reaches by import."""

from pathlib import Path

import pytest

from autodiff_pipeline.provenance import import_closure, read_module

ROOT = Path(__file__).parents[1]
PACKAGE = "autodiff_pipeline"
SCRIPTS = {path.stem: path for path in (ROOT / "workflow/scripts").glob("*.py")}
MODULES = {
    ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__"): path
    for path in (ROOT / "src" / PACKAGE).rglob("*.py")
}
CODE = {
    name: read_module(path.read_text())
    for name, path in (MODULES | SCRIPTS).items()
    if name != PACKAGE
}
# The scripts `tables` and `figures` pick a module by name.
PICKED = sorted(
    name for name in MODULES if name.startswith((f"{PACKAGE}.tables.", f"{PACKAGE}.figures."))
)
TABULATE = [*sorted(name for name in SCRIPTS if name.startswith(("tables", "figures"))), *PICKED]
TRAIN = ["training", "minimization", *TABULATE]


def reached(script, room):
    """The modules of a room, or the module of that name, that a script imports."""
    names = import_closure([script], CODE)
    inside = (f"{PACKAGE}.{room}", f"{PACKAGE}.{room}.")
    return sorted(name for name in names if name == inside[0] or name.startswith(inside[1]))


def test_the_scripts_and_rooms_are_there():
    assert {"training", "tables_networks", "tables", "derivatives", "figures"} <= set(SCRIPTS)
    for room in ("configuration", "training.optimizers", "stable.gelu"):
        assert f"{PACKAGE}.{room}" in MODULES
    assert reached("training", "training.optimizers")
    assert reached("derivatives", "stable.gelu")


@pytest.mark.parametrize("script", sorted(set(SCRIPTS) - {"configuration"}))
def test_rewording_a_mistake_in_the_configuration_reruns_no_script(script):
    assert reached(script, "configuration") == []


@pytest.mark.parametrize("script", TABULATE)
def test_editing_an_optimizer_retabulates_nothing(script):
    assert reached(script, "training.optimizers") == []
    assert reached(script, "training.registry") == []


@pytest.mark.parametrize("script", TRAIN)
def test_editing_a_stable_rule_retrains_and_retabulates_no_relu_network(script):
    assert reached(script, "stable") == []
