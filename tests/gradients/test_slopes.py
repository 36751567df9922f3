"""The measuring of slopes, against mpmath and closed forms."""

import mpmath
import numpy as np
import pytest
import torch

from autodiff_pipeline.gradients.arguments import argument_of
from autodiff_pipeline.gradients.averaging import averaged
from autodiff_pipeline.gradients.complex_step import complex_step
from autodiff_pipeline.gradients.evaluation import Evaluator
from autodiff_pipeline.gradients.hull import nearest_mean
from autodiff_pipeline.gradients.jumps import jumps_between
from autodiff_pipeline.gradients.ladder import slopes
from autodiff_pipeline.gradients.steps import Directions, window_sizes
from autodiff_pipeline.gradients.windows import fits, places

D = torch.float64


def measured(function, *point):
    argument = argument_of(torch.tensor(point, dtype=D))
    entries = np.arange(argument.size)
    evaluator = Evaluator(function, argument)
    return slopes(evaluator, Directions(entries=entries), window_sizes(argument, entries))


@pytest.mark.parametrize("two_sided", [False, True])
def test_fits_are_exact_for_polynomials_of_their_degree(two_sided):
    right = places()
    at = np.concatenate([-right, right]) if two_sided else right
    for fit, degree in zip(fits(two_sided), (1, 2, 3), strict=False):
        for power in range(degree if not two_sided else 2):
            assert fit.slope @ at**power == pytest.approx(float(power == 1), abs=1e-11)
            assert fit.intercept @ at**power == pytest.approx(float(power == 0), abs=1e-12)
            assert np.abs(fit.residual @ at**power).max() < 1e-12


@pytest.mark.parametrize(
    ("name", "x"),
    [
        (name, x)
        for name, places_ in {
            "exp": (-3.0, 0.3, 20.0),
            "sin": (0.0, 1.5707963, 1000.0),
            "log": (1e-8, 0.7, 1e10),
            "sqrt": (1e-10, 0.5, 3e5),
            "erf": (-4.0, 0.1, 5.5),
            "tanh": (0.2, 6.0, 15.0),
            "atan": (1e-9, -2.0, 1e6),
        }.items()
        for x in places_
    ],
)
def test_intervals_hold_the_derivative_by_mpmath(name, x):
    found = measured(lambda t: getattr(torch, name)(t).sum(), x)
    with mpmath.workdps(40):
        truth = mpmath.diff(getattr(mpmath, name), mpmath.mpf(x))
        assert found.low[0, 0] <= truth <= found.high[0, 0]
    assert found.half_width[0, 0] <= 1e-9 * abs(float(truth)) + 1e-12 / max(1.0, abs(x))


def test_both_sides_of_a_kink_are_measured():
    found = measured(lambda x: torch.maximum(-3 * x, x.sin()).sum(), 0.0)
    assert found.kinked[0, 0]
    assert found.left.slope[0, 0] == pytest.approx(-3, rel=1e-12)
    assert found.right.slope[0, 0] == pytest.approx(1, rel=1e-9)


def test_one_side_decides_where_the_other_leaves_the_domain():
    found = measured(lambda x: (x.acos() ** 2).sum(), 1.0)
    assert found.left.present[0, 0]
    assert not found.right.present[0, 0]
    assert found.low[0, 0] <= -2 <= found.high[0, 0]


def test_a_slope_without_bound_is_singular_and_a_jump_a_jump():
    assert measured(lambda x: x.sqrt().sum(), 0.0).right.singular[0, 0]
    assert measured(lambda x: x.floor().sum(), 4.0).left.jump[0, 0] == pytest.approx(-1, rel=1e-3)
    assert measured(lambda x: x.floor().sum(), 4.0).right.jump[0, 0] == 0


def test_jumps_come_again_on_a_staircase_and_not_at_kinks():
    def found(function, start, stop):
        evaluator = Evaluator(function, argument_of(torch.tensor([0.3], dtype=D)))
        return jumps_between(evaluator, Directions(entries=np.array([0])), 0, 0, start, stop)

    stairs = found(lambda x: (x * 1e6).round().sum() / 1e6, 1e-4, 1e-3)
    assert stairs.come_again
    assert stairs.height == pytest.approx(1e-6, rel=1e-6)
    assert found(lambda x: (1e5 * x).sin().abs().sum(), 1e-4, 1e-3).count == 0


def test_the_complex_step_is_exact_to_the_last_bits():
    x = torch.tensor([0.3, -1.2], dtype=D)
    evaluator = Evaluator(lambda x: x.exp().sin().sum(), argument_of(x))
    found = complex_step(evaluator, np.arange(2), evaluator.argument.numbers)
    expected = (x.exp().cos() * x.exp()).numpy()
    np.testing.assert_allclose(found[:, 0], expected, rtol=4e-16)
    real = Evaluator(lambda x: torch.relu(x).sum(), argument_of(x))
    assert complex_step(real, np.arange(2), real.argument.numbers) is None


def test_the_nearest_mean_of_points():
    corners = np.array([[0.0, 0], [1, 0], [0, 1]])
    np.testing.assert_allclose(nearest_mean(corners, np.array([0.2, 0.3])), [0.2, 0.3], atol=1e-9)
    np.testing.assert_allclose(nearest_mean(corners, np.array([1.0, 1])), [0.5, 0.5], atol=1e-9)
    np.testing.assert_allclose(nearest_mean(corners, np.array([-1.0, -1])), [0, 0], atol=1e-9)


def test_an_interval_of_1e_13_refutes_what_the_ladder_alone_would_not():
    """The complex step, where every operation takes complex numbers."""
    from autodiff_pipeline.gradients.certify import certify

    point = torch.tensor([0.3, -0.7, 1.1, 2.0], dtype=D)
    right = certify(lambda x: x.exp().sum(), point)
    assert right.right
    assert right.resolution < 1e-13
    wrong = certify(lambda x: x.exp().sum(), point, lambda x: x.exp() * (1 + 1e-13))
    assert wrong.verdict == "wrong", wrong


@pytest.mark.parametrize("kink", [None, -1e-2])
def test_slopes_that_rounding_blurs_are_known_better_by_averaging(kink):
    def function(x):
        beside = 0 if kink is None else torch.relu(kink - x)
        return (1e7 + x.sin() + beside).sum()

    at = torch.tensor([0.7, 0.0], dtype=D)
    argument, entries = argument_of(at), np.arange(2)
    evaluator = Evaluator(function, argument)
    found = measured(function, *at.tolist())
    smooth = np.ones((2, 1), dtype=bool)
    better = averaged(evaluator, entries, found, np.ones(2), smooth)
    truth = at.cos().numpy()[:, None]
    assert (np.abs(better.middle - truth) <= better.half_width / 2).all()
    assert (better.half_width <= found.half_width / 10).all()
    assert np.array_equal(averaged(evaluator, entries, found, np.ones(2), ~smooth).low, found.low)
