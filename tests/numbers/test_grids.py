"""Grids are rounded correctly."""

from autodiff_pipeline.numbers.grids import linear_grid


def test_linear_grid_is_correctly_rounded():
    grid = linear_grid(-5.0, 5.0, 100)
    assert len(grid) == 100
    assert (grid[0], grid[-1]) == (-5.0, 5.0)
    assert [-x for x in reversed(grid)] == grid
