"""The stable rules under every transform of torch; test_claims.py holds them against truth."""

from typing import get_args

import pytest
import torch
from torch.func import grad, jacfwd, jacrev, jvp, vmap
from torch.nn import functional

from autodiff_pipeline.configuration.values import Activation
from autodiff_pipeline.derivatives.methods.automatic import nested_grad, nested_jvp
from autodiff_pipeline.networks.activations import activation_named
from autodiff_pipeline.numbers.ranks import DTYPES
from autodiff_pipeline.stable.activations import STABLE_ACTIVATIONS, STABLE_RULES

OWN = {  # where torch names a function otherwise
    "exp2": torch.exp2,
    "log_ndtr": torch.special.log_ndtr,
    "logsigmoid": functional.logsigmoid,
    "mish": functional.mish,
    "sinc": torch.sinc,
}

LARGEST = torch.finfo(torch.float64).max


def rule_of(name):
    return STABLE_RULES[name.removeprefix("stable_")]


def every_magnitude(dtype):
    """Ordinary numbers, thresholds, and those from the smallest subnormal to the largest number."""
    largest = torch.finfo(DTYPES[dtype]).max
    ladder = 2.0 ** torch.linspace(-1074, 1023, 90, dtype=torch.float64)
    edges = torch.tensor([0.0, -0.0, largest], dtype=torch.float64)
    x = torch.cat([torch.linspace(-30, 30, 121, dtype=torch.float64), ladder, -ladder, edges])
    return x.clamp(-largest, largest).to(DTYPES[dtype])


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", STABLE_ACTIVATIONS)
def test_every_mode_returns_the_rule_rounded_once(name, dtype):
    """So what is measured of the rules holds for whoever differentiates."""
    x = every_magnitude(dtype)
    stable = STABLE_ACTIVATIONS[name]
    for order, rule in enumerate(rule_of(name)):
        exact = rule(x.double())
        expected = (exact.clamp(-LARGEST, LARGEST) if order else exact).to(x.dtype)
        for mode in (nested_grad, nested_jvp):
            assert torch.equal(mode(stable, order, x), expected), (mode, order)
        if order:
            assert torch.equal(stable.derivative(order, x), expected)
            assert torch.equal(nested_jvp(vmap(grad(stable)), order - 1, x), expected)


@pytest.mark.parametrize("name", STABLE_RULES)
def test_values_are_those_of_torch(name):
    function = OWN.get(name) or getattr(torch, name, None) or getattr(functional, name)
    x = torch.linspace(-8, 8, 161, dtype=torch.float64)
    found = STABLE_ACTIVATIONS[f"stable_{name}"](x)
    torch.testing.assert_close(found, function(x), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", STABLE_RULES)
def test_derivatives_are_those_of_autograd_where_that_is_sound(name):
    function = OWN.get(name) or getattr(torch, name, None) or getattr(functional, name)
    x = torch.linspace(-3.9, 4, 40, dtype=torch.float64)  # not 0, where some have a kink
    for order in (1, 2):
        found = nested_grad(STABLE_ACTIVATIONS[f"stable_{name}"], order, x)
        torch.testing.assert_close(found, nested_grad(function, order, x), rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("name", STABLE_ACTIVATIONS)
def test_compositions_of_transforms_give_the_same(name):
    stable = STABLE_ACTIVATIONS[name]
    x = torch.tensor([-30.0, -1.5, 0.0, 0.3, 25.0])
    first, second = (nested_grad(stable, order, x) for order in (1, 2))
    over_forward = vmap(grad(lambda t: jvp(stable, (t,), (torch.ones_like(t),))[1]))(x)
    assert torch.equal(over_forward, second)
    assert torch.equal(jacrev(stable)(x).diagonal(), first)
    assert torch.equal(jacfwd(jacrev(lambda t: stable(t).sum()))(x).diagonal(), second)
    assert torch.equal(vmap(vmap(grad(stable)))(x.expand(2, 5))[1], first)


@pytest.mark.parametrize("name", STABLE_ACTIVATIONS)
def test_backward_and_double_backward(name):
    x = torch.tensor([-20.0, 0.3, 20.0], requires_grad=True)
    (first,) = torch.autograd.grad(STABLE_ACTIVATIONS[name](x).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    torch.testing.assert_close(first, nested_grad(STABLE_ACTIVATIONS[name], 1, x.detach()))
    torch.testing.assert_close(second, nested_grad(STABLE_ACTIVATIONS[name], 2, x.detach()))


QUICK = ["stable_elu", "stable_tanh"]
OTHERS = [pytest.param(name, marks=pytest.mark.slow) for name in STABLE_ACTIVATIONS]


@pytest.mark.parametrize("name", [*QUICK, *OTHERS])
def test_under_compile(name):
    stable = STABLE_ACTIVATIONS[name]
    x = torch.linspace(-30, 30, 101)
    expected = nested_grad(stable, 1, x)
    torch.compiler.reset()  # it gives up on code that it has compiled for eight other functions
    # Without a C++ compiler the graph is still captured whole and run in eager mode.
    compiled = torch.compile(vmap(grad(stable)), fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(x), expected)


@pytest.mark.parametrize("name", ["stable_tanh", "stable_mish"])
def test_beyond_the_last_rule_nothing_is_silently_wrong(name):
    x = torch.tensor([0.3])
    order = len(rule_of(name))
    assert not nested_grad(STABLE_ACTIVATIONS[name], order, x).isfinite().any()
    assert not nested_jvp(STABLE_ACTIVATIONS[name], order, x).isfinite().any()


def test_all_are_activations_of_networks():
    assert set(STABLE_ACTIVATIONS) <= set(get_args(Activation))
    assert all(activation_named(name).function is f for name, f in STABLE_ACTIVATIONS.items())


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
