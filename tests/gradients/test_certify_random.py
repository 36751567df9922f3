"""certify on random functions: no false alarm, and errors found down to relative 1e-9."""

from collections import Counter

import numpy as np
import pytest
import torch
from gradients.random_functions import random_function

from autodiff_pipeline.gradients.certify import certify


def verdicts(seeds):
    found = Counter()
    for seed in seeds:
        drawn = random_function(seed)
        if torch.isfinite(drawn.function(drawn.point)):
            report = certify(drawn.function, drawn.point)
            assert report.verdict != "wrong", f"{drawn.description}\n{report}"
            found[report.verdict] += 1
    return found


def refuted(seed, delta):
    """Whether an error of one entry that carries weight is found; None where it has to be right.

    At a kink a changed entry may well be a slope that the function has.
    """
    drawn = random_function(seed)
    point = drawn.point.clone().requires_grad_()
    value = drawn.function(point)
    if not torch.isfinite(value) or not value.requires_grad:
        return None
    (gradient,) = torch.autograd.grad(value, point)
    weight = gradient.abs() * drawn.point.abs().clamp_min(1e-3 * drawn.point.abs().max())
    if not weight.max() > 0:
        return None
    carries = torch.nonzero(weight >= 0.03 * weight.max()).flatten().numpy()
    entry = int(np.random.default_rng(seed).choice(carries))
    changed = gradient.clone()
    changed[entry] *= 1 + delta
    report = certify(drawn.function, drawn.point, changed)
    same = [e for e in report.entries if e.index == entry]
    at_kink = any(e.kink == 0 for e in report.entries)
    resolved = all(e.high - e.low <= delta * abs(e.given) / 2 for e in same)
    if report.verdict != "wrong" and (at_kink or not resolved):
        return None
    return report.verdict == "wrong"


def test_no_false_alarm_on_40_random_functions_and_hardly_any_undecided():
    assert verdicts(range(40))["undecided"] <= 1


@pytest.mark.slow
def test_no_false_alarm_on_1000_random_functions_and_2_percent_undecided_at_most():
    found = verdicts(range(1000))
    assert found.total() > 950
    assert found["undecided"] <= 0.02 * found.total()


def test_an_error_of_1e_9_in_one_entry_is_found():
    found = Counter(refuted(seed, 1e-9) for seed in range(5000, 5030))
    assert found[False] == 0
    assert found[True] >= 25


@pytest.mark.slow
def test_errors_of_1e_9_are_always_found_and_of_1e_10_nearly_always():
    found = Counter(refuted(seed, 1e-9) for seed in range(2000, 2300))
    assert found[False] == 0
    assert found[True] >= 0.9 * found.total()
    found = Counter(refuted(seed, 1e-10) for seed in range(2000, 2300))
    assert found[True] >= 0.9 * found.total()
