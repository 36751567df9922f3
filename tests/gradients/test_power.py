"""The power of checkers: mutations are of the size they say, and what is right is right."""

import numpy
import pytest
import torch
from pandas import DataFrame

from autodiff_pipeline.figures import checker_power as figure
from autodiff_pipeline.gradients.arguments import argument_of
from autodiff_pipeline.gradients.checkers.registry import CHECKERS
from autodiff_pipeline.gradients.complex_step import complex_step
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.power import survey
from autodiff_pipeline.gradients.power.mutations import MUTATIONS
from autodiff_pipeline.tables.checker_power import checker_power

SIZES = (1e-1, 1e-6, 1e-12)


@pytest.mark.parametrize("delta", SIZES)
@pytest.mark.parametrize("mutation", sorted(set(MUTATIONS) - {"kink_value"}))
def test_the_largest_error_is_delta_times_the_largest_entry(mutation, delta):
    for number in range(6):
        trial = survey.drawn(1, mutation, delta, number)
        error = float((trial.wrong - trial.right).abs().max() / trial.right.abs().max())
        # the mutated part itself is among the entries
        assert error == pytest.approx(delta, rel=2 * delta + 1e-15 / delta)


@pytest.mark.parametrize("mutation", sorted(set(MUTATIONS) - {"kink_value"}))
def test_the_right_gradient_is_that_of_the_complex_step(mutation):
    for number in (0, 2, 4):  # without kinks
        trial = survey.drawn(1, mutation, 1e-5, number)
        evaluator = Evaluator(trial.function, argument_of(trial.point))
        entries = numpy.arange(trial.point.numel())
        found = complex_step(evaluator, entries, evaluator.argument.numbers)[:, 0]
        right = trial.right.reshape(-1).numpy()
        numpy.testing.assert_allclose(found, right, rtol=1e-12, atol=1e-14 * abs(right).max())


@pytest.mark.parametrize("delta", SIZES)
def test_a_wrong_value_at_a_kink_lies_outside_of_both_slopes_and_the_right_one_does_not(delta):
    for number in range(6):
        trial = survey.drawn(1, "kink_value", delta, number)
        (entry,) = (trial.wrong != trial.right).nonzero()[:, 0].tolist()
        step = 1e-6 * torch.eye(len(trial.point), dtype=torch.float64)[entry]
        value = trial.function(trial.point)
        sides = [
            float((trial.function(trial.point + s * step) - value) / (s * 1e-6)) for s in (1, -1)
        ]
        low, high = min(sides), max(sides)
        assert high - low > 0.5
        assert low - 1e-5 < trial.right[entry] < high + 1e-5
        error = float(torch.maximum(trial.wrong[entry] - high, low - trial.wrong[entry]))
        assert error == pytest.approx(delta * float(trial.right.abs().max()), abs=1e-5)


def test_trials_depend_on_their_number_only():
    few, more = (
        survey.power_survey(1, mutation="factor", deltas=deltas, trials=trials)
        for deltas, trials in (([1e-2], 1), ([1e-2, 1e-8], 2))
    )
    shared = more[(more["delta"] == 1e-2) & (more["trial"] == 0)].reset_index(drop=True)
    assert few.equals(shared)
    assert set(few["checker"]) == set(CHECKERS)
    assert dict(zip(few["checker"], few["of_wrong"], strict=True))["certify"] == "wrong"


VERDICTS = DataFrame(
    [
        ("certify", "sign", 0.1, "wrong", "right"),
        ("certify", "sign", 0.1, "undecided", "right"),
        ("certify", "sign", 0.1, "wrong", "wrong"),
        ("certify", "sign", 0.01, "right", "undecided"),
    ],
    columns=["checker", "mutation", "delta", "of_wrong", "of_right"],
)


def test_the_table_counts_trials():
    rows = checker_power(VERDICTS).to_dict("list")
    assert rows == {
        "checker": ["certify", "certify"],
        "mutation": ["sign", "sign"],
        "delta": [0.1, 0.01],
        "trials": [3, 1],
        "detected": [2, 0],
        "false_alarms": [1, 0],
        "undecided": [1, 0],
        "undecided_of_right": [0, 1],
        "told_apart": [1, 0],
    }


def test_the_figure_shows_shares_of_wrong_gradients_and_false_alarms():
    assert set(figure.COLOURS) == set(CHECKERS)
    assert set(figure.TITLES) == set(MUTATIONS)
    left, right = figure.draw(checker_power(VERDICTS)).axes
    assert left.get_lines()[0].get_xydata().tolist() == [[0.1, 1 / 3], [0.01, 0.0]]
    assert right.get_lines()[0].get_xydata().tolist() == [[0.1, 1 / 3], [0.01, 0.0]]
