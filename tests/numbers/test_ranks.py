import pytest
import torch

from autodiff_pipeline.numbers.ranks import (
    DTYPES,
    all_points,
    even_points,
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


@pytest.mark.parametrize("dtype", DTYPES.values())
def test_even_points_of_a_wider_interval_reach_the_largest_numbers(dtype):
    largest = torch.finfo(dtype).max
    x = even_points(-1.79e308, 1.79e308, dtype, 101).double()
    assert x.isfinite().all()
    assert x[[0, 50, 100]].tolist() == ([-1.79e308, 0, 1.79e308] if largest > 1e300 else
                                        [-largest, 0, largest])  # fmt: skip


@pytest.mark.parametrize("dtype", DTYPES.values())
def test_even_points_stay_inside(dtype):
    for start, stop in ((0.1, 0.3), (-0.9, 0.7), (1 / 3, 1.0), (1e-320, 1.0)):
        x = even_points(start, stop, dtype, 7).double()
        assert start <= x[0]
        assert x[-1] <= stop
        assert (x.diff() > 0).all()


@pytest.mark.parametrize(
    ("dtype", "start", "stop"),
    [
        ("float16", 1e5, 1e6),
        ("float16", 65505.0, 65519.0),
        ("float32", 1e39, 1e40),
        ("float32", -1e300, -1e200),
        ("bfloat16", 1e-300, 2e-300),
        ("float64", 1.0, 1.0),
    ],
)
def test_an_interval_without_numbers(dtype, start, stop):
    count = int(start == stop)  # one where the interval is a number
    generator = torch.Generator().manual_seed(1)
    points = sum(len(x) for x in all_points(start, stop, DTYPES[dtype], 10))
    assert points == count
    assert len(even_points(start, stop, DTYPES[dtype], 9)) == 9 * count
    assert len(sampled_points(start, stop, DTYPES[dtype], 9, generator)) == 9 * count
