"""certify on large points: directions over all entries, halved to the one that is wrong."""

import pytest
import torch
from torch import nn

from autodiff_pipeline.gradients.certify import certify

D = torch.float64


def problem(n):
    stream = torch.Generator().manual_seed(n)
    c, x = (torch.randn(n, generator=stream, dtype=D) for _ in range(2))
    return (lambda x: (c * x.sin()).sum()), x, (lambda x: c * x.cos())


def with_error(gradient, entry, delta):
    def wrong(x):
        g = gradient(x).clone()
        g[entry] *= 1 + delta
        return g

    return wrong


def check(n, entry, delta):
    function, x, gradient = problem(n)
    right = certify(function, x, gradient)
    assert right.right, right
    assert f"all {n} entries together" in right.coverage
    wrong = certify(function, x, with_error(gradient, entry, delta))
    assert wrong.verdict == "wrong", wrong
    assert [e.index for e in wrong.entries if e.verdict == "wrong"] == [entry]


def test_one_wrong_entry_of_5000_is_found():
    check(5000, 1234, 1e-6)


@pytest.mark.slow
def test_one_entry_of_a_hundred_thousand_off_by_a_millionth_is_found():
    check(100_000, 14_285, 1e-6)


@pytest.mark.slow
def test_one_entry_of_a_million_off_by_one_percent_is_found():
    check(1_000_000, 333_333, 1e-2)


def test_many_outputs_are_mixed():
    stream = torch.Generator().manual_seed(0)
    matrix = torch.randn(300, 40, generator=stream, dtype=D) / 8
    x = torch.randn(40, generator=stream, dtype=D)

    def function(x):
        return (matrix @ x).tanh()

    def gradient(x):
        return (1 - (matrix @ x).tanh().square())[:, None] * matrix

    def wrong(x):
        g = gradient(x)
        g[123, 7] *= 1.001
        return g

    assert certify(function, x).right
    right = certify(function, x, gradient)
    assert right.right, right
    assert "4 random mixtures of the 300 outputs" in right.coverage
    report = certify(function, x, wrong)
    assert report.verdict == "wrong", report
    assert {e.index for e in report.entries if e.verdict == "wrong"} == {7}


@pytest.mark.slow
def test_a_network_of_a_hundred_thousand_parameters():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(300, 320), nn.ReLU(), nn.Linear(320, 10)).to(D)
    stream = torch.Generator().manual_seed(1)
    x = torch.randn(64, 300, generator=stream, dtype=D)
    y = torch.randint(0, 10, (64,), generator=stream)

    def loss(module):
        return nn.functional.cross_entropy(module(x), y)

    report = certify(loss, network)
    assert report.right, report
    names = [name for name, _ in network.named_parameters()]
    gradients = torch.autograd.grad(loss(network), list(network.parameters()))
    wrong = {k: v.clone() for k, v in zip(names, gradients, strict=True)}
    wrong["0.weight"][17, 33] *= 1.01
    report = certify(loss, network, wrong)
    assert report.verdict == "wrong", report
    assert report.entries[0].name == "0.weight[17, 33]"
