"""certify against situations restated from public reports, right and wrong gradients each."""

import pytest
from gradients.gradient_cases import CASES, differentiable
from gradients.hard_cases import HARD

from autodiff_pipeline.gradients.certify import certify

BY_NAME = {case.name: case for case in CASES}
SLOW = {"sum_of_squares_1000", "dense_kinks", "renorm_term_dropped", "one_of_400_by_1_percent"}
SLOW_HARD = {
    "Newton's root to 1e-5",
    "fixed point to 1e-9",
    "largest of 30 equal numbers",
    "sum of 3000 squares",
    "norm at zero",
}


def marked(names, slow):
    return [pytest.param(n, marks=pytest.mark.slow) if n in slow else n for n in names]


def expected(case):
    return "right" if case.passable else "undecided"


@pytest.mark.parametrize("name", marked(BY_NAME, SLOW))
def test_a_right_gradient_raises_no_alarm(name):
    case = BY_NAME[name]
    report = certify(case.function, case.point(), case.gradient)
    assert report.verdict == expected(case), report


@pytest.mark.parametrize("name", marked([c.name for c in CASES if c.wrong], SLOW))
@pytest.mark.parametrize("as_value", [False, True])
def test_a_wrong_gradient_is_refuted(name, as_value):
    case = BY_NAME[name]
    wrong = case.wrong(case.point()) if as_value else case.wrong
    report = certify(case.function, case.point(), wrong)
    assert report.verdict == "wrong", report


@pytest.mark.parametrize("name", ["relu_near", "abs_near", "clamp_empty_range", "branch_detached"])
def test_the_backward_of_a_custom_function_is_judged(name):
    case = BY_NAME[name]
    right = certify(differentiable(case, case.gradient), case.point())
    assert right.right, right
    if case.wrong:
        wrong = certify(differentiable(case, case.wrong), case.point())
        assert wrong.verdict == "wrong", wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", BY_NAME)
def test_the_backward_of_every_case_is_judged(name):
    case = BY_NAME[name]
    right = certify(differentiable(case, case.gradient), case.point())
    assert right.verdict == expected(case), right
    if case.wrong:
        wrong = certify(differentiable(case, case.wrong), case.point())
        assert wrong.verdict == "wrong", wrong


@pytest.mark.slow
@pytest.mark.parametrize("name", [c.name for c in CASES if c.order == 2])
def test_a_wrong_second_derivative_is_refuted_though_the_first_is_right(name):
    case = BY_NAME[name]
    assert certify(case.raw, case.point()).right
    report = certify(case.raw, case.point(), order=2)
    assert report.verdict == "wrong", report


HARD_BY_NAME = {hard.name: hard for hard in HARD}


@pytest.mark.parametrize("name", marked(HARD_BY_NAME, SLOW_HARD))
def test_a_right_gradient_of_a_hard_case_raises_no_alarm(name):
    hard = HARD_BY_NAME[name]
    report = certify(hard.function, hard.point, hard.gradient, wanted=hard.wanted)
    wanted = ("right", "undecided") if hard.verdict == "any" else (hard.verdict,)
    assert report.verdict in wanted, report


@pytest.mark.parametrize("name", marked([h.name for h in HARD if h.wrong], SLOW_HARD))
def test_wrong_gradients_of_a_hard_case_are_refuted(name):
    hard = HARD_BY_NAME[name]
    for why, wrong in hard.wrong.items():
        report = certify(hard.function, hard.point, wrong, wanted=hard.wanted)
        assert report.verdict == "wrong", f"{why}: {report}"
