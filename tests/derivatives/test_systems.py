"""Torch, torch.compile and JAX beside each other: the same points, the same truth."""

import pytest
import torch

from autodiff_pipeline.derivatives.accuracy import accuracy_table
from autodiff_pipeline.derivatives.methods.registry import derivative as eager_derivative
from autodiff_pipeline.derivatives.subject import Unavailable
from autodiff_pipeline.derivatives.systems.pieces import LENGTH, by_pieces
from autodiff_pipeline.derivatives.systems.registry import derivative, subjects_in
from autodiff_pipeline.expressions.grammar import parse
from autodiff_pipeline.numbers.ranks import DTYPES, doubles
from autodiff_pipeline.numbers.ulp import FORMATS, ulp_errors
from autodiff_pipeline.storage.machine import has_compiler
from autodiff_pipeline.truth.at_points import certified_derivatives

X = torch.tensor([-3.0, -0.75, 0.5, 2.25])
AUTOMATIC = ["reverse_mode", "forward_mode", "forward_over_reverse"]


@pytest.fixture
def jax():
    return pytest.importorskip("jax")


def forms(system, operator="silu"):
    return subjects_in([system], "f", parse(operator + "(x)"), operator)


@pytest.mark.parametrize("points", [1, LENGTH - 1, LENGTH, LENGTH + 1])
def test_pieces_are_of_one_length_and_together_the_whole(points):
    x = torch.arange(points, dtype=torch.float64)
    lengths = []

    def squares(piece):
        lengths.append(len(piece))
        return piece**2

    assert by_pieces(squares, x).equal(x**2)
    assert set(lengths) == {LENGTH}


def wrong_by(values, x, text, order, dtype):
    truths = certified_derivatives(parse(text), x.tolist(), order, FORMATS[dtype])
    return ulp_errors(doubles(values), truths[order - 1], FORMATS[dtype]).max()


@pytest.mark.slow
@pytest.mark.skipif(not has_compiler(), reason="torch.compile needs a C++ compiler")
@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_derivatives_are_near_the_truth_and_those_of_torch(dtype):
    x = X.to(DTYPES[dtype])
    for subject in forms("torch_compile"):
        for method in ("reverse_mode", "forward_over_reverse"):
            values = derivative(method, subject, 2, x)
            assert values.dtype == x.dtype
            assert wrong_by(values, x, "silu(x)", 2, dtype) < 64
            eager = eager_derivative(method, subject, 2, x)
            torch.testing.assert_close(values, eager, rtol=0.02, atol=0.02)
    with pytest.raises(Unavailable, match="no stable rule"):
        derivative("stable", forms("torch_compile", "digamma")[0], 1, x)


@pytest.mark.slow
@pytest.mark.skipif(not has_compiler(), reason="torch.compile needs a C++ compiler")
def test_any_number_of_functions_is_compiled_in_one_process():
    torch.compiler.reset()
    with torch._dynamo.config.patch(recompile_limit=1, accumulated_recompile_limit=2):
        for k in range(1, 5):
            (subject,) = subjects_in(["torch_compile"], "f", parse(f"{k}*x**2"), None)
            assert derivative("reverse_mode", subject, 1, X).equal(2 * k * X)
    torch.compiler.reset()


@pytest.mark.bench
@pytest.mark.parametrize("dtype", DTYPES)
def test_derivatives_of_jax_are_near_the_truth(jax, dtype):
    x = X.to(DTYPES[dtype])
    before = jax.config.jax_enable_x64
    for subject in forms("jax"):
        for method in AUTOMATIC:
            values = derivative(method, subject, 2, x)
            assert values.dtype == x.dtype
            assert wrong_by(values, x, "silu(x)", 2, dtype) < 64
    assert jax.config.jax_enable_x64 == before  # it is enabled for a moment, not for everybody


@pytest.mark.bench
def test_what_jax_lacks_is_a_note_in_the_table(jax):
    frame = accuracy_table(forms("jax", "tanhshrink"), "float32", [X], [1])
    assert len(frame) == 2 * len(AUTOMATIC)  # finite differences are measured in torch alone
    assert set(frame["system"]) == {"jax"}
    notes = frame.set_index(["function", "method"])["note"]
    assert notes["f", "reverse_mode"] == ""  # composed: x - tanh(x)
    assert notes["jax.tanhshrink", "reverse_mode"] == "jax has no operator tanhshrink"
    assert notes["f", "forward_over_reverse"] == "forward over reverse needs order 2 or more"
    assert (frame["points"].eq(0) == frame["note"].ne("")).all()


@pytest.mark.bench
def test_systems_are_given_the_same_points_and_truth(jax):
    subjects = subjects_in(["torch", "jax"], "tanh", parse("tanh(x)"), "tanh")
    frame = accuracy_table(subjects, "float32", [torch.linspace(5, 12, 50)], [1])
    measured = frame[frame["method"] == "reverse_mode"].set_index(["function", "system"])
    assert list(measured.index) == [
        ("tanh", "torch"),
        ("torch.tanh", "torch"),
        ("tanh", "jax"),
        ("jax.tanh", "jax"),
    ]
    assert set(measured["points"]) == {50}
    assert (measured["lost_points"] > 0).all()
    # where tanh rounds to 1 in torch; XLA's tanh is 1 from there on (elemental_ir_emitter.cc)
    assert measured["first_lost_x"].tolist() == pytest.approx(
        [9.01, 9.01, 7.9988, 7.9988], abs=0.01
    )
