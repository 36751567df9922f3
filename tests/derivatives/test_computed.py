"""Derivatives that are computed once are those of one call, number by number."""

import numpy
import torch

from autodiff_pipeline.derivatives.computed import CHUNK, computed, with_more
from autodiff_pipeline.derivatives.subject import operator_subject
from autodiff_pipeline.derivatives.systems.registry import derivative
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import doubles

TANH = operator_subject("tanh", parse("tanh(x)"))
WAYS = [(1, "reverse_mode"), (2, "forward_mode"), (1, "formula")]  # an operator has no formula


def test_values_are_those_of_one_call_without_unavailable_ways():
    x = torch.linspace(-9, 9, CHUNK + 77)
    known = computed(TANH, WAYS, x)
    assert list(known.values) == WAYS[:2]
    for (order, method), values in known.values.items():
        assert numpy.array_equal(values, doubles(derivative(method, TANH, order, x)))


def test_further_numbers_are_put_in_their_places():
    known = with_more(
        computed(TANH, WAYS, torch.tensor([2.0, 0.0, 3.0])), torch.tensor([1, 3, -0.0])
    )
    assert known.x.tolist() == [0, 0, 1, 2, 3]
    assert torch.signbit(known.x).tolist() == [True, False, False, False, False]
    values = known.values[2, "forward_mode"]
    assert numpy.array_equal(values, doubles(derivative("forward_mode", TANH, 2, known.x)))


def test_there_may_be_no_numbers():
    known = computed(TANH, WAYS, torch.empty(0))
    assert not any(len(values) for values in known.values.values())
