"""Grids are rounded correctly."""

from fractions import Fraction

import pytest

from autodiff_pipeline.numbers.grids import linear_grid


def test_linear_grid_is_correctly_rounded():
    grid = linear_grid(-5.0, 5.0, 100)
    assert len(grid) == 100
    assert (grid[0], grid[-1]) == (-5.0, 5.0)
    assert [-x for x in reversed(grid)] == grid


@pytest.mark.parametrize(
    "ends",
    [(0.1, 0.3), (-1.7976931348623157e308, 1.7976931348623157e308), (5e-324, 1e-310), (3, -7)],
)
def test_every_point_is_the_double_nearest_to_a_fraction(ends):
    start, stop = map(Fraction, ends)
    expected = [float(start + (stop - start) * Fraction(i, 6)) for i in range(7)]
    assert linear_grid(*ends, 7) == expected
