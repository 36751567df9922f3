import math

import pytest
import torch

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.kinks import kinks


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 0.5*x - 0.05*x**2", []),
        ("abs(x - 3)", [3]),
        ("relu(x**2 - 2)", [-math.sqrt(2), math.sqrt(2)]),
        ("step(x - 1e-9) + 2*sign(x + 7)", [-7, 1e-9]),
        ("abs(sin(x))", [k * math.pi for k in range(-3, 4)]),
        ("abs(abs(x) - 1)", [-1, 0, 1]),
        ("relu(relu(x) - 0.5)", [0, 0.5]),  # whose argument is negative, not 0, left of the first
        ("abs(x**2)", []),
        ("abs(log(x))", [1]),  # undefined left of 0
        ("abs(2) + relu(-1)", []),
        ("max(x, x**2)", [0, 1]),
        ("clamp(x, -1, 0.6)", [-1, 0.6]),
        ("where(x < 0, elu(x), hardtanh(x - 2))", [0, 0, 1, 3]),
        ("floor(x/4)", [-8, -4, 0, 4, 8]),
        ("round(x/8)", [-4, 4]),
    ],
)
def test_kinks_are_found_to_the_last_bits(text, expected):
    found = kinks(parse(text), -10.5, 10.5)
    torch.testing.assert_close(
        found, torch.tensor(expected, dtype=torch.float64), rtol=1e-15, atol=1e-300
    )


def test_only_those_within_the_interval():
    assert kinks(parse("abs(x)"), 1.0, 2.0).tolist() == []
