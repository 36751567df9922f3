"""`snakemake plan` says what a run would do and why, starts nothing and needs no torch."""

import copy

import pytest
from project import SMALL

pytestmark = pytest.mark.workflow


def test_all_is_new_in_a_fresh_clone_and_torch_is_not_needed(sources):
    (sources.root / "src/torch.py").write_text("raise SystemExit('torch was imported')")
    said = sources.plan()
    assert " would run and train 16 networks, in about " in said
    assert "guessed, as nothing has run here yet" in said
    assert " training " in said
    assert " new" in said
    assert not (sources.root / "results").exists()


@pytest.mark.slow
def test_nothing_to_do_is_said_and_so_are_changes_of_parameters_and_code(project):
    assert project.plan().startswith("Nothing to be done")
    changed = copy.deepcopy(SMALL)
    changed["training"]["optimizers"]["adam"] = {"learning_rate": 0.02}
    said = project.plan(changed)
    assert "train 8 networks" in said
    assert "optimizer.learning_rate: 0.03 → 0.02" in said
    project.edit("src/autodiff_pipeline/tables/summary.py", "len(networks),", "1 * len(networks),")
    said = project.plan()
    assert "code of tables.summary" in said
    assert "2 jobs of 2 rules" in said
    assert "as measured when such jobs last ran" in said
