"""The stable rules against certified truth, and under every transform of torch."""

import numpy
import pytest
import torch
from torch.func import grad, jacrev, jvp, vmap

from autodiff_pipeline.derivatives.methods.automatic import nested_grad, nested_jvp
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, sampled_points
from autodiff_pipeline.numbers.ulp import FORMATS, is_lost, ulp_errors
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS
from autodiff_pipeline.truth.at_points import certified_derivatives

PROMISED = [("tanh", 3, 800), ("sigmoid", 3, 800), ("softplus", 1, 800), ("silu", 1, 800)]
PROMISED += [("gelu", 1, 45)]
ROOTS = {"tanh": 0.65847894846, "sigmoid": 1.3169578969, "silu": 1.2784645427, "gelu": 0.7517915247}


def wide_points(name, reach, dtype):
    """Random ranks, random reals, and a cloud about the root of a derivative, either sign."""
    generator = torch.Generator().manual_seed(7)
    uniform = torch.rand(1500, generator=generator, dtype=torch.float64) * 2 - 1
    cloud = ROOTS.get(name, 1.0) * (1 + uniform[:500] * 1e-3)
    reals = torch.cat([uniform * reach, uniform * 6, cloud, -cloud])
    ranked = sampled_points(-reach, reach, DTYPES[dtype], 1500, generator)
    return torch.cat([ranked, reals.to(DTYPES[dtype])])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("name", "orders", "reach"), PROMISED)
def test_within_five_ulp_wherever_the_truth_is_representable(name, orders, reach, dtype):
    x = wide_points(name, reach, dtype)
    truths = certified_derivatives(parse(f"{name}(x)"), x.tolist(), orders, FORMATS[dtype])
    for order, truth in enumerate(truths, start=1):
        values = nested_grad(STABLE_ACTIVATIONS[f"stable_{name}"], order, x).double().numpy()
        assert truth.certified.all()
        assert ulp_errors(values, truth, FORMATS[dtype]).max() <= 5
        assert not is_lost(values, truth).any()


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize(("name", "orders", "reach"), PROMISED)
def test_half_precision_is_rounded_once(name, orders, reach, dtype):
    x = sampled_points(-reach, reach, DTYPES[dtype], 500, torch.Generator().manual_seed(7))
    truths = certified_derivatives(parse(f"{name}(x)"), x.tolist(), orders, FORMATS[dtype])
    for order, truth in enumerate(truths, start=1):
        values = nested_grad(STABLE_ACTIVATIONS[f"stable_{name}"], order, x).double().numpy()
        assert ulp_errors(values, truth, FORMATS[dtype]).max() <= 0.51


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "gelu", "silu"])
def test_value_and_derivatives_agree_with_autograd_where_that_is_sound(name):
    function = getattr(torch, name, None) or getattr(torch.nn.functional, name)
    x = torch.linspace(-4, 4, 41, dtype=torch.float64)
    stable = STABLE_ACTIVATIONS[f"stable_{name}"]
    torch.testing.assert_close(stable(x), function(x), rtol=1e-7, atol=1e-14)
    for order in range(1, 5):
        expected = certified_derivatives(parse(f"{name}(x)"), x.tolist(), order, FORMATS["float64"])
        found = nested_grad(stable, order, x).numpy()
        numpy.testing.assert_allclose(found, expected[-1].rounded, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", STABLE_ACTIVATIONS)
def test_every_composition_of_transforms_gives_the_same(name):
    stable = STABLE_ACTIVATIONS[name]
    x = torch.tensor([-30.0, -1.5, 0.0, 0.3, 25.0])
    for order in (1, 2, 3, 4):
        expected = nested_grad(stable, order, x)
        torch.testing.assert_close(nested_jvp(stable, order, x), expected, rtol=1e-6, atol=0)
        if order > 1:
            mixed = nested_jvp(vmap(grad(stable)), order - 1, x)
            torch.testing.assert_close(mixed, expected, rtol=1e-6, atol=0)
    over_forward = vmap(grad(lambda t: jvp(stable, (t,), (torch.ones_like(t),))[1]))(x)
    torch.testing.assert_close(over_forward, nested_grad(stable, 2, x), rtol=1e-6, atol=0)
    torch.testing.assert_close(jacrev(stable)(x).diagonal(), nested_grad(stable, 1, x))


@pytest.mark.parametrize("name", STABLE_ACTIVATIONS)
def test_backward_and_double_backward(name):
    x = torch.tensor([-20.0, 0.3, 20.0], requires_grad=True)
    (first,) = torch.autograd.grad(STABLE_ACTIVATIONS[name](x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    torch.testing.assert_close(first, nested_grad(STABLE_ACTIVATIONS[name], 1, x.detach()))
    torch.testing.assert_close(second, nested_grad(STABLE_ACTIVATIONS[name], 2, x.detach()))


@pytest.mark.parametrize("name", STABLE_ACTIVATIONS)
def test_under_compile(name):
    stable = STABLE_ACTIVATIONS[name]
    x = torch.linspace(-30, 30, 101)
    expected = nested_grad(stable, 1, x)
    # Without a C++ compiler the graph is still captured whole and run in eager mode.
    compiled = torch.compile(vmap(grad(stable)), fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x), expected, rtol=1e-6, atol=0)


def test_beyond_the_last_rule_nothing_is_silently_wrong():
    x = torch.tensor([0.3])
    assert not nested_grad(STABLE_ACTIVATIONS["stable_tanh"], 5, x).isfinite().any()
    assert not nested_jvp(STABLE_ACTIVATIONS["stable_tanh"], 5, x).isfinite().any()


def test_why_no_custom_function():
    """Torch 2.13: a nested jvp through a custom autograd.Function is silently 0."""

    class Sine(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x):
            return torch.sin(x)

        @staticmethod
        def setup_context(ctx, inputs, output):
            ctx.save_for_forward(*inputs)

        @staticmethod
        def jvp(ctx, tangent):
            return tangent * torch.cos(ctx.saved_tensors[0])

    x = torch.tensor([0.5])
    assert nested_jvp(Sine.apply, 1, x) == torch.cos(x)
    if nested_jvp(Sine.apply, 2, x) == -torch.sin(x):
        pytest.skip("this torch differentiates through the jvp of a custom function")
    assert nested_jvp(Sine.apply, 2, x) == 0
