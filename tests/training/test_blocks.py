from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autodiff_pipeline.training.blocks import blocks, count_blocks

counts = st.integers(1, 30)


@given(counts, counts, st.integers(1, 1000))
def test_every_pair_of_seeds_is_in_one_block_in_order(data_seeds, init_seeds, seeds_per_job):
    cut = blocks(data_seeds, init_seeds, seeds_per_job)
    pairs = [
        pair
        for block in cut
        for pair in product(range(*block.data_seeds), range(*block.init_seeds))
    ]
    assert pairs == list(product(range(data_seeds), range(init_seeds)))
    sizes = [len(range(*b.data_seeds)) * len(range(*b.init_seeds)) for b in cut]
    assert max(sizes) <= seeds_per_job
    assert len(cut) == count_blocks(data_seeds, init_seeds, seeds_per_job)


@pytest.mark.parametrize("seeds_per_job", [12, 1000])
def test_one_block_where_all_fit(seeds_per_job):
    assert blocks(3, 4, seeds_per_job) == [((0, 3), (0, 4))]


def test_blocks_are_as_large_as_they_may_be():
    assert len(blocks(1000, 1000, 5000)) == 200
    assert len(blocks(1, 1000, 300)) == 4


def test_blocks_are_counted_without_being_made():
    assert count_blocks(10**20, 10**20, 10**6) == 10**34
