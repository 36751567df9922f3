import pytest
import torch
from expressions.calls import EVERY_CALL

from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.source import TORCH, source
from autodiff_pipeline.expressions.tensors import tensor_function

COMPOSITIONS = [
    "x*(1 + erf(x/sqrt(2)))/2",
    "-x**2 - -3*x",
    "2**-x",
    "clamp(x, x - 1, 2)",
    "where(x < 1, x**2, exp(2))",
    "where(1 < 2, x, 1/x)",
    "polygamma(1, 1)*x",
    "log(0*x + 0)",
    "3",
    "log(1 + exp(x)/exp(800))",
    "where(x > 0, sinh(-800), 1/0) + x*10**400",
]


@pytest.mark.parametrize("text", [*EVERY_CALL, *COMPOSITIONS])
def test_the_source_computes_the_same_bits(text):
    x = torch.linspace(0, 1, 64) if text.startswith("bce(") else torch.linspace(-3, 3, 64)
    value = eval(source(parse(text), TORCH), {"torch": torch, "x": x, "float": float})
    wanted = tensor_function(parse(text))(x)
    torch.testing.assert_close(
        torch.as_tensor(value).expand_as(x).to(x.dtype), wanted, rtol=0, atol=0, equal_nan=True
    )
