"""A plan says why each job would run and for how long, on one screen."""

import pytest

from autodiff_pipeline.plan.reasons import Cause, reasons
from autodiff_pipeline.plan.screen import Job, duration, screen

OLD, NEW = "0123456789ab", "ba9876543210"


def why(**cause):
    return reasons(Cause(**cause), "tables_fits")


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ({"is_missing": True}, ["new"]),
        ({"is_missing": True, "was_made": True}, ["its output was deleted"]),
        ({"is_incomplete": True}, ["it was interrupted"]),
        ({"script_changed": True}, ["code of tables_fits.py"]),
        ({"newer": ("mine.csv",)}, ["changed file mine.csv"]),
        ({"inputs_changed": True}, ["other inputs than before"]),
        ({}, ["its inputs are made anew"]),
    ],
)
def test_each_cause_is_said_in_a_few_words(cause, said):
    assert why(**cause) == said


def test_an_edited_module_is_named_and_others_are_not():
    before = {f"'autodiff_pipeline.networks.network {OLD}'", "'tables'"}
    now = {f"'autodiff_pipeline.networks.network {NEW}'", "'tables'"}
    assert why(before=frozenset(before - now), now=frozenset(now - before)) == [
        "code of networks.network"
    ]
    in_a_list = [
        repr([f"figures {OLD}", f"autodiff_pipeline.figures.fits {d}"]) for d in (OLD, NEW)
    ]
    assert why(before=frozenset(in_a_list[:1]), now=frozenset(in_a_list[1:])) == [
        "code of figures.fits"
    ]


def test_a_changed_value_is_named_with_what_it_was():
    settings = {"epochs": 3000, "optimizer": {"learning_rate": 0.03, "beta1": 0.9}, "old": 1}
    changed = {"epochs": 3000, "optimizer": {"learning_rate": 0.02, "beta1": 0.9}, "new": "x" * 99}
    cause = Cause(before=frozenset([repr(settings)]), now=frozenset([repr(changed)]))
    assert reasons(cause, "") == [
        f"new: none → {'x' * 23}…",
        "old: 1 → none",
        "optimizer.learning_rate: 0.03 → 0.02",
    ]
    assert cause.has_other_settings
    code = Cause(before=frozenset([f"'figures {OLD}'"]), now=frozenset([f"'figures {NEW}'"]))
    assert not code.has_other_settings


def job(rule, *causes, networks=0, measured=None, guess=None):
    return Job(rule, causes, networks, measured, guess)


def test_the_screen_counts_jobs_rules_and_networks_and_adds_their_times():
    jobs = [
        job("training", networks=100, measured=20.0, guess=10.0),  # guesses are half of the truth
        job("training", "epochs: 1 → 9", networks=100, guess=60.0),
        job("table_fits", "code of tables.fits", measured=30.0),
        *(job("figures_training", "its inputs are made anew", measured=10.0) for _ in range(3)),
        job("figures_training", "new"),
    ]
    text = screen(jobs)
    assert " ".join(text.split()).startswith(
        "6 jobs of 3 rules would run and train 100 networks, in about 3 minutes of one core (5 of "
        "them as measured when such jobs last ran, the others guessed)."
    )
    lines = [line.split(maxsplit=4) for line in text.splitlines()[-3:]]
    assert lines == [
        ["1", "training", "2", "minutes", "epochs: 1 → 9"],
        ["1", "tables", "30", "seconds", "code of tables.fits"],
        ["4", "figures", "40", "seconds", "its inputs are made anew (3); new (1)"],
    ]


def test_nothing_to_do_is_said_in_one_line():
    assert screen([job("data", measured=1.0)]).startswith("Nothing to be done")


def test_a_thousand_reasons_still_fit_on_a_screen():
    jobs = [job("training", f"code of module_{number}") for number in range(1000)]
    text = screen(jobs)
    assert len(text.splitlines()) < 10
    assert max(map(len, text.splitlines())) <= 96
    assert "996 more reasons" in text
    assert "guessed, as nothing has run here yet" in " ".join(text.split())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 second"),
        (75, "75 seconds"),
        (100, "2 minutes"),
        (9000, "2 hours"),
        (1e6, "12 days"),
    ],
)
def test_durations_are_said_as_people_do(seconds, said):
    assert duration(seconds) == said
