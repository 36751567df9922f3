import numpy
import pytest
import torch

from autodiff_pipeline.randomness import generator


def draws(*arguments):
    return torch.randn(4, generator=generator(*arguments), dtype=torch.float64).tolist()


def test_a_stream_is_a_function_of_its_name():
    assert draws(1, "data", 3) == draws(1, "data", 3)


def test_streams_of_other_names_differ():
    names = [
        (1, "data", 3),
        (2, "data", 3),
        (1, "data", 4),
        (1, "data"),
        (1, "data", 3, 0),
        (1, "initial", 3),
        (1, "initial", 3, 0, 10),
        (1, "initial", 0, 3, 10),
    ]
    assert len({tuple(draws(*name)) for name in names}) == len(names)


def test_seeds_are_those_of_numpy():
    sequence = numpy.random.SeedSequence(1, spawn_key=(0, 3))
    expected = int(sequence.generate_state(1, numpy.uint64)[0])
    assert generator(1, "data", 3).initial_seed() == expected


def test_the_global_generator_is_neither_used_nor_touched():
    before = torch.get_rng_state()
    first = draws(1, "data", 0)
    assert torch.equal(torch.get_rng_state(), before)
    with torch.random.fork_rng():
        torch.manual_seed(12345)
        assert draws(1, "data", 0) == first


def test_an_unknown_role_is_refused():
    with pytest.raises(ValueError, match="index"):
        generator(1, "weather", 0)
