"""A stage has one name everywhere: rules, scripts, module or package, tests and results."""

import re

import pytest
from project import ROOT

RULES = ROOT / "workflow/rules"
NO_STAGES = {"common", "configuration", "reference"}  # shared, checked, published
STAGES = sorted({path.stem for path in RULES.glob("*.smk")} - NO_STAGES)
SCRIPTS = [path.stem for path in (ROOT / "workflow/scripts").glob("*.py")]


def test_the_stages_are_found():
    assert {"data", "derivatives", "training", "tables", "figures"} <= set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_has_one_name(stage):
    package = ROOT / "src/autodiff_pipeline" / stage
    assert package.is_dir() or package.with_suffix(".py").is_file()
    assert any((ROOT / "tests" / stage).glob("test_*.py"))
    assert any(script.split("_")[0] == stage for script in SCRIPTS)


@pytest.mark.parametrize("stage", STAGES)
def test_the_rules_of_a_stage_run_its_scripts_and_fill_its_folder(stage):
    rules = (RULES / f"{stage}.smk").read_text()
    scripts = re.findall(r'(?:\.\./scripts/|"script": ")(\w+)', rules)
    assert {script.split("_")[0] for script in scripts} <= {stage}
    outputs = re.findall(r"^( +)output:\n((?:\1 +.*\n)+)", rules, re.MULTILINE)
    folders = re.findall(r"results/(\w+)", "".join(block for _, block in outputs))
    folders += re.findall(r'^GROUP = "results/(\w+)', rules, re.MULTILINE)
    assert set(folders) == {stage}


@pytest.mark.parametrize("script", sorted(set(SCRIPTS) - NO_STAGES))
def test_every_script_is_of_a_stage(script):
    assert script.split("_")[0] in STAGES
