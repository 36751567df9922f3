import numpy
import pytest
import torch
from expressions.calls import EVERY_CALL

from autodiff_pipeline.derivatives.operators import OPERATORS
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.expressions.tensors import tensor_function
from autodiff_pipeline.truth.values import certified_values

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


DIFFER_OUTSIDE = (  # of (0, 1) or of the domain, in infinities and NaN, or torch refuses
    *("bce(", "digamma", "entr", "lgamma", "logit", "polygamma", "pow", "xlogy(x", "zeta(1.5"),
)


@pytest.mark.parametrize("text", EVERY_CALL)
def test_jax_and_torch_mean_the_same(text):
    x = torch.tensor([-1.7, -0.6, 0.0, 0.3, 0.55, 1.6, 4.0], dtype=torch.float64)
    value, dtype = in_jax(text, x)
    if text.startswith(DIFFER_OUTSIDE):
        x, value = x[3:5], value[3:5]
    expected = tensor_function(parse(text))(x)
    torch.testing.assert_close(value, expected, rtol=1e-8, atol=1e-13, equal_nan=True)
    assert dtype == "float64"


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32])
@pytest.mark.parametrize(
    "text", ["where(x < 1, 0.5, 2)", "max(x, 1)", "2 + 0.1*x", "7", "elu(x, 2)"]
)
def test_numbers_take_the_dtype_of_the_array(text, dtype):
    assert in_jax(text, torch.tensor([0.5, 2.0], dtype=dtype))[1] == str(dtype)[6:]


def own(name):
    from autodiff_pipeline.expressions.jax_arrays import own_function

    return own_function(parse(OPERATORS[name].call))


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_of_jax_mean_the_same_as_those_of_torch(name, jax_in_64_bits):
    function = own(name)
    if function is None:
        assert name.split("(")[0] in LACKING
        return
    # between numbers, where operators that round have no ties
    x = torch.linspace(*OPERATORS[name].interval, 13, dtype=torch.float64) + 0.003
    value = numpy.asarray(function(jax_in_64_bits.numpy.asarray(x.numpy())))
    expected = [float(each) for each in certified_values(parse(OPERATORS[name].call), x.tolist())]
    numpy.testing.assert_allclose(value, expected, rtol=1e-8, atol=1e-13)


# softplus only with parameters
LACKING = {"bce_with_logits", "hardshrink", "softshrink", "tanhshrink", "softplus"}


def test_what_jax_lacks_it_offers_nowhere(jax_in_64_bits):
    jax = jax_in_64_bits
    modules = (jax.numpy, jax.nn, jax.lax, jax.scipy.special)
    for name in LACKING - {"softplus"}:
        assert name not in OPERATORS or own(name) is None
        for spelled in (name, name.replace("shrink", "_shrink")):
            assert not any(hasattr(module, spelled) for module in modules), spelled
