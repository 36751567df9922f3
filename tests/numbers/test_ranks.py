import pytest
import torch

from autodiff_pipeline.numbers.ranks import (
    DTYPES,
    all_points,
    from_ranks,
    rank_interval,
    ranks,
    sampled_points,
)


@pytest.mark.parametrize("dtype", DTYPES.values())
def test_ranks_are_consecutive_and_invert(dtype):
    tiny = torch.finfo(dtype).smallest_normal * torch.finfo(dtype).eps
    x = torch.tensor([-tiny, -0.0, 0.0, tiny, 1.0, torch.finfo(dtype).max], dtype=dtype)
    rank = ranks(x)
    assert rank[:4].tolist() == [-1, 0, 0, 1]
    assert torch.equal(from_ranks(rank, dtype), x)
    following = torch.nextafter(x[4:5].double(), torch.tensor(2.0).double())
    if dtype == torch.float64:
        assert ranks(following) == rank[4] + 1


def test_all_points_are_every_finite_half():
    bits = torch.arange(-(2**15), 2**15, dtype=torch.int32).to(torch.int16).view(torch.float16)
    expected = bits[bits.isfinite()].double().unique()
    found = torch.cat(list(all_points(-1e9, 1e9, torch.float16, chunk=1000)))
    assert torch.equal(found.double(), expected)


def test_all_points_of_an_interval_are_inside_it():
    found = torch.cat(list(all_points(-0.1, 0.3, torch.bfloat16, chunk=4096))).double()
    assert found.min() >= -0.1
    assert found.max() <= 0.3
    assert rank_interval(0.1, 0.1, torch.bfloat16)[0] > rank_interval(0.1, 0.1, torch.bfloat16)[1]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_samples_are_uniform_over_ranks(dtype):
    x = sampled_points(-1.0, 1.0, dtype, 4000, torch.Generator().manual_seed(5))
    assert x.dtype == dtype
    assert torch.equal(x, x.sort().values)
    share = (ranks(x).double() / float(ranks(torch.tensor([1.0], dtype=dtype)))).abs()
    assert abs(float((share < 0.5).double().mean()) - 0.5) < 0.05
    assert abs(float((x < 0).double().mean()) - 0.5) < 0.05


def test_samples_cover_the_whole_of_float64():
    generator = torch.Generator().manual_seed(5)
    x = sampled_points(-1.7e308, 1.7e308, torch.float64, 1000, generator)
    assert x.isfinite().all()
    assert x.min() < -1e200
    assert x.max() > 1e200


def test_samples_follow_from_their_generator_alone():
    drawn = [
        sampled_points(-1, 1, torch.float32, 9, torch.Generator().manual_seed(2)) for _ in "ab"
    ]
    assert torch.equal(*drawn)
