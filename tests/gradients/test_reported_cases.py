"""certify in situations that people report: right gradients pass, wrong ones are refuted."""

import pytest
from gradients.reported_cases import CASES

from autodiff_pipeline.gradients.certify import certify

SLOW = {"module with batch norm", "hinge of 20 inputs at its margin"}  # vmap takes neither


def marks(case):
    return [pytest.mark.slow] if case.name in SLOW else []


@pytest.mark.parametrize("case", [pytest.param(c, id=c.name, marks=marks(c)) for c in CASES])
def test_right_gradients_pass_and_wrong_ones_are_refuted_with_a_reason(case):
    for gradient in case.right:
        report = certify(case.function, case.point, gradient, order=case.order)
        assert report.verdict == case.verdict, report
    for gradient, words in case.wrong:
        report = certify(case.function, case.point, gradient, order=case.order)
        assert report.verdict == "wrong", report
        assert any(word in str(report) for word in words.split("|")), report
