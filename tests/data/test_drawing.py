import pytest
import torch

from autodiff_pipeline.data.drawing import draw
from autodiff_pipeline.expressions.grammar import ExpressionError
from autodiff_pipeline.randomness import generator

SETTINGS = {
    "true_model": "2 + 0.5*x - 0.05*x**2",
    "samples": 1000,
    "input_scale": 10.0,
    "noise_scale": 2.0,
}


def test_shapes_and_dtype():
    data = draw(generator(1, "data", 0), **SETTINGS)
    assert [(v.shape, v.dtype) for v in data] == [((1000,), torch.float64)] * 3


def test_the_truth_is_the_formula_at_x():
    data = draw(generator(1, "data", 0), **SETTINGS)
    torch.testing.assert_close(data.y_true, 2 + 0.5 * data.x - 0.05 * data.x * data.x)


def test_moments_of_inputs_and_noise():
    data = draw(generator(1, "data", 0), **{**SETTINGS, "samples": 200_000})
    noise = data.y - data.y_true
    # five standard errors of each estimate
    assert abs(data.x.mean()) < 5 * 10 / 200_000**0.5
    assert abs(data.x.std() - 10) < 5 * 10 / 400_000**0.5
    assert abs(noise.mean()) < 5 * 2 / 200_000**0.5
    assert abs(noise.std() - 2) < 5 * 2 / 400_000**0.5
    assert abs(torch.corrcoef(torch.stack([data.x, noise]))[0, 1]) < 5 / 200_000**0.5


def test_without_noise_the_samples_lie_on_the_model():
    data = draw(generator(1, "data", 0), **{**SETTINGS, "noise_scale": 0.0})
    assert torch.equal(data.y, data.y_true)


def test_another_model_changes_only_y():
    data = draw(generator(1, "data", 0), **SETTINGS)
    other = draw(generator(1, "data", 0), **{**SETTINGS, "true_model": "sin(x)"})
    assert torch.equal(other.x, data.x)
    torch.testing.assert_close(other.y - torch.sin(other.x), data.y - data.y_true)


def test_a_wrong_model_is_refused():
    with pytest.raises(ExpressionError, match="unknown"):
        draw(generator(1, "data", 0), **{**SETTINGS, "true_model": "system(x)"})
