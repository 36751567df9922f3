import pytest
import torch
from expressions.calls import EVERY_CALL

from autodiff_pipeline.expressions.grammar import ExpressionError, parse
from autodiff_pipeline.expressions.tensors import tensor_function

pytestmark = pytest.mark.bench


@pytest.fixture(autouse=True)
def jax_in_64_bits():
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield jax


def in_jax(text, x):
    from autodiff_pipeline.expressions.jax_arrays import array_function

    jax = pytest.importorskip("jax")
    value = array_function(parse(text))(jax.numpy.asarray(x.numpy()))
    return torch.tensor(value.tolist(), dtype=torch.float64), str(value.dtype)


@pytest.mark.parametrize("text", [text for text in EVERY_CALL if "erfcx" not in text])
def test_jax_and_torch_mean_the_same(text):
    x = torch.tensor([-1.7, -0.6, 0.0, 0.3, 0.55, 1.6, 4.0], dtype=torch.float64)
    value, dtype = in_jax(text, x)
    if text.startswith(("digamma", "entr", "lgamma", "logit", "polygamma", "pow", "xlogy(x")):
        x, value = x[3:5], value[3:5]  # beyond, systems differ in infinities and NaN
    expected = tensor_function(parse(text))(x)
    torch.testing.assert_close(value, expected, rtol=1e-8, atol=1e-13, equal_nan=True)
    assert dtype == "float64"


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
@pytest.mark.parametrize(
    "text", ["where(x < 1, 0.5, 2)", "max(x, 1)", "2 + 0.1*x", "7", "elu(x, 2)"]
)
def test_numbers_take_the_dtype_of_the_array(text, dtype):
    assert in_jax(text, torch.tensor([0.5, 2.0], dtype=dtype))[1] == str(dtype)[6:]


def test_what_jax_lacks_and_nothing_defines_is_said():
    with pytest.raises(ExpressionError, match="there is no erfcx"):
        in_jax("erfcx(x)", torch.ones(1))
